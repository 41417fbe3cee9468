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

    private enum Name {
        /// A word between signs anywhere in the name.
        case word(String)
        /// What the name begins with.
        case beginning(String)
    }

    /// The first that fits.
    private static let families: [(name: Name, preprocessing: Preprocessing, of: String)] = [
        (.word("siglip"), inception, "SigLIP"), (.word("siglip2"), inception, "SigLIP"),
        (.word("clip"), clip, "CLIP"), (.word("openai"), clip, "CLIP"),
        (.word("dino"), .imageNet, "DINO"), (.word("dinov2"), .imageNet, "DINOv2"),
        (.word("dinov3"), .imageNet, "DINOv3"), (.word("mae"), .imageNet, "MAE"),
        (.beginning("deit"), .imageNet, "DeiT"), (.beginning("beit_"), inception, "BEiT"),
        (.beginning("vit_tiny_"), inception, "timm's ViT"),
        (.beginning("vit_small_"), inception, "timm's ViT"),
        (.beginning("vit_base_"), inception, "timm's ViT"),
        (.beginning("vit_large_"), inception, "timm's ViT"),
        (.beginning("vit_huge_"), inception, "timm's ViT"),
        (.beginning("mixer_"), inception, "MLP-Mixer"),
        (.beginning("tf_efficientnet_lite"), inception, "TensorFlow's EfficientNet-Lite"),
        (.beginning("tf_efficientnetv2_s"), inception, "TensorFlow's EfficientNetV2"),
        (.beginning("tf_efficientnetv2_m"), inception, "TensorFlow's EfficientNetV2"),
        (.beginning("tf_efficientnetv2_l"), inception, "TensorFlow's EfficientNetV2"),
        (.beginning("tf_mobilenetv3"), inception, "TensorFlow's MobileNetV3"),
        (.beginning("inception_v"), inception, "Inception"),
        (.beginning("inception_resnet"), inception, "Inception-ResNet"),
        (.beginning("xception"), inception, "Xception"),
        (.beginning("nasnetalarge"), inception, "NASNet"),
        (.beginning("pnasnet"), inception, "PNASNet"),
        (.beginning("tresnet"), unit, "TResNet"), (.beginning("mobilevit"), unit, "MobileViT"),
    ]

    /// What a file of this name wants, and whose that is; nil for names that say nothing.
    package static func named(_ name: String) -> (preprocessing: Preprocessing, of: String)? {
        let name = name.lowercased()
        let words = Set(name.split { !$0.isLetter && !$0.isNumber }.map(String.init))
        return families.first { family in
            switch family.name {
            case .word(let word): words.contains(word)
            case .beginning(let text): name.hasPrefix(text)
            }
        }.map { ($0.preprocessing, $0.of) }
    }
}
