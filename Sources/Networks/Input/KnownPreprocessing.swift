/// What published networks want of their input, by the names that their files go by.
///
/// - Reference: timm 1.0, `default_cfg` of its models; OpenAI, CLIP.
package enum KnownPreprocessing {
    /// One half for mean and deviation: values of -1 to 1.
    package static let inception = Preprocessing(
        mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5], size: 224)

    package static let clip = Preprocessing(
        mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711],
        size: 224)

    private static let unit = Preprocessing(size: 224)

    /// Pieces of names with what they mean; the first that fits.
    private static let families: [(pieces: [String], preprocessing: Preprocessing, name: String)] =
        [
            (["deit"], .imageNet, "DeiT"), (["dino"], .imageNet, "DINO"),
            (["siglip"], inception, "SigLIP"), (["clip"], clip, "CLIP"),
            (["eva02"], clip, "EVA-02"),
            (["vit", "miil"], unit, "MIIL"), (["vit", "mae"], .imageNet, "MAE"),
            (["vit_"], inception, "timm's ViT"), (["vit-"], inception, "ViT"),
            (["beit"], inception, "BEiT"), (["mixer"], inception, "MLP-Mixer"),
            (["tf_efficientnet_lite"], inception, "TensorFlow's EfficientNet-Lite"),
            (["tf_efficientnet", ".ap_"], inception, "AdvProp"),
            (["tf_efficientnetv2", "in21k"], inception, "TensorFlow's EfficientNetV2"),
            (["tf_mobilenetv3"], inception, "TensorFlow's MobileNetV3"),
            (["inception"], inception, "Inception"), (["xception"], inception, "Xception"),
            (["nasnet"], inception, "NASNet"), (["tresnet"], unit, "TResNet"),
            (["mobilenetv3", "miil"], unit, "MIIL"),
        ]

    /// What a file of this name wants, and whose that is; nil for names that say nothing.
    package static func named(_ name: String) -> (preprocessing: Preprocessing, of: String)? {
        let name = name.lowercased()
        return families.first { $0.pieces.allSatisfy(name.contains) }.map {
            ($0.preprocessing, $0.name)
        }
    }
}
