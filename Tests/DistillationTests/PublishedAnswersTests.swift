import Configuration
import Distillation
import Execution
import Foundation
import Graphs
import Interchange
import Modalities
import Networks
import Tensors
import Testing

/// The pretrained SqueezeNets and their pictures, where the machine has them.
enum SqueezeNetData {
    static let folder: String? = {
        let given = ProcessInfo.processInfo.environment["DISTILL_TEST_DATA"]
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let data = given ?? package.deletingLastPathComponent().path + "/shared/data"
        let folder = data + "/squeezenet"
        return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }()
}

/// A real pretrained network, imported and asked about real pictures as `predict` asks it.
@Suite(
    "Published answers of a real network", .ownThread, .enabled(if: SqueezeNetData.folder != nil))
struct PublishedAnswersTests {
    /// A file of a trained network and what the pictures must become.
    struct File: CustomTestStringConvertible {
        var name: String
        var preprocessing: Preprocessing
        /// Beside SqueezeNet's.
        var folder = "squeezenet"
        var channels = 512
        /// Of fish.png for tench and of kitten_224.png for tabby.
        var probabilities = (0.738, 0.93)
        var testDescription: String { name }
    }

    static let bytes = Preprocessing(
        channels: .bgr, scale: 1, mean: [0, 0, 0], deviation: [1, 1, 1], size: 224)

    @Test(arguments: [
        File(name: "squeezenet11_fp32_rgb_imagenetnorm_logits", preprocessing: .imageNet),
        File(name: "squeezenet11_fp32_bgr255_softmax", preprocessing: bytes),
        File(name: "SqueezeNet_fp16", preprocessing: bytes),
        File(
            name: "efficientnet_lite0",
            preprocessing: Preprocessing(
                scale: 1, mean: [127, 127, 127], deviation: [128, 128, 128], size: 224),
            folder: "efficientnet-lite0", channels: 1280, probabilities: (0.528, 0.769)),
    ])
    func picturesAreWhatTheyShow(_ file: File) throws {
        let folder = try #require(SqueezeNetData.folder)
        let model =
            URL(fileURLWithPath: folder).deletingLastPathComponent().path
            + "/\(file.folder)/\(file.name).onnx"
        guard FileManager.default.fileExists(atPath: model) else { return }
        let bench = try Workbench(pairs: 8)
        let destination = bench.root + "/model"
        let labels = try String(contentsOfFile: folder + "/Labels.txt", encoding: .utf8)
            .split(separator: "\n").map(String.init)
        let document = try ModelImport(host: bench.host).run(
            .init(
                file: model, originalName: "\(file.name).onnx", name: "published", modality: "rgb",
                preprocessing: file.preprocessing,
                classes: labels), destination: destination)
        #expect(document.inputSize == 224)
        #expect(document.featureChannels == file.channels)
        let loaded = try LoadedModel(folder: destination, host: bench.host)
        let graph = try loaded.inferenceGraph(batch: 1)
        let store = StateStore()
        try loaded.load(into: store, for: graph)
        let plan = try CPUExecutor().compile(
            graph, store: store, options: PlanOptions(inference: true))
        for (picture, name, probability) in [
            ("fish.png", "tench", file.probabilities.0),
            ("kitten_224.png", "tabby", file.probabilities.1),
        ] {
            let decoded = try loaded.plugin.decode(
                path: "\(folder)/\(picture)", options: [:], minimumShortSide: 224)
            var values = [Float](repeating: 0, count: 3 * 224 * 224)
            try values.withUnsafeMutableBufferPointer {
                try loaded.plugin.view(decoded, view: .full, height: 224, width: 224, into: $0)
            }
            try values.withUnsafeBufferPointer { try plan.feed("rgb", values: $0) }
            try plan.run()
            let logits = try plan.read("logits").values.map(Double.init)
            let largest = try #require(logits.max())
            let best = try #require(logits.firstIndex(of: largest))
            let share = 1 / logits.reduce(0) { $0 + exp($1 - largest) }
            #expect(document.classes[best].contains(name), "\(picture)")
            #expect(abs(share - probability) < 0.005, "\(picture): \(share)")
        }
    }
}
