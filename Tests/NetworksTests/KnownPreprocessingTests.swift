import Networks
import Testing

@Suite("What published networks want") struct KnownPreprocessingTests {
    @Test(arguments: [
        ("vit_base_patch16_224.augreg_in21k.onnx", 0.5), ("siglip_base.onnx", 0.5),
        ("tf_efficientnetv2_s.in1k.onnx", 0.5), ("openai-clip-vit.onnx", 0.48145466),
        ("dinov2_small.onnx", 0.485), ("vit_base_patch16_mae.onnx", 0.485),
        ("deit_tiny_patch16_224.onnx", 0.485), ("mobilevit_s.onnx", 0),
    ])
    func areKnownByTheirNames(_ name: String, _ mean: Double) {
        #expect(KnownPreprocessing.named(name)?.preprocessing.mean.first == mean)
    }

    /// Letters within other words say nothing.
    @Test(arguments: [
        "vit_b_16.onnx", "tiny_vit_21m.onnx", "levit_128.onnx", "efficientvit_b0.onnx",
        "mnasnet_100.onnx", "convmixer_768.onnx", "beitv2_base.onnx", "inception_next_tiny.onnx",
        "dinosaurs.onnx", "invit_resnet.onnx", "resnet50.onnx", "model.onnx",
    ])
    func othersAreNot(_ name: String) {
        #expect(KnownPreprocessing.named(name) == nil, "\(name)")
    }
}
