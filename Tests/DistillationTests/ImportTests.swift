import Distillation
import Execution
import Foundation
import Graphs
import Interchange
import Modalities
import Networks
import Tensors
import Testing

/// What a file means: preprocessing, weights under other names, files in parts, our own exports.
@Suite("Imports", .ownThread) struct ImportTests {
    private let bench: Workbench
    private let network = ResidualNetwork.small

    init() throws { bench = try Workbench(pairs: 8) }

    /// Weights of a small network from random numbers, as torchvision would name them.
    private func weights(classes: Int = 10) throws -> (
        graph: Graph, states: [String: Tensor<Float>]
    ) {
        var graph = Graph()
        let input = try graph.input("image", [1, 3, 32, 32])
        let taps = try network.build(
            into: &graph, input: input, options: BuildOptions(classes: classes, training: false))
        graph.output("logits", try #require(taps.logits))
        let store = StateStore()
        try store.declare(statesOf: graph, seed: 5)
        var states: [String: Tensor<Float>] = [:]
        for (declaration, _) in graph.states {
            states[declaration.name] = try store.read(declaration.name)
        }
        return (graph, states)
    }

    private func path(_ name: String) -> String {
        let folder = "\(bench.root)/\(UUID().uuidString)"
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        return "\(folder)/\(name)"
    }

    private func write(
        _ states: [String: Tensor<Float>], _ name: String = "model.safetensors",
        metadata: [String: String] = [:]
    ) throws -> String {
        let file = path(name)
        try SafeTensorsWriter.write(states, metadata: metadata, to: URL(fileURLWithPath: file))
        return file
    }

    private func model(
        _ file: String, preprocessing: Preprocessing? = nil, classes: [String]? = nil,
        reading: ModelReading = .init(), inputShape: [Int]? = nil, ignored: [String] = [],
        modality: String? = nil
    ) throws -> LoadedModel {
        let folder = path("model")
        _ = try ModelImport(host: bench.host).run(
            .init(
                file: file, originalName: URL(fileURLWithPath: file).lastPathComponent, name: "m",
                modality: modality, preprocessing: preprocessing, classes: classes,
                reading: reading, inputShape: inputShape, ignored: ignored), destination: folder)
        return try LoadedModel(folder: folder, host: bench.host)
    }

    private func refusal(_ body: () throws -> LoadedModel) -> DistillationError? {
        do {
            _ = try body()
            return nil
        } catch { return error as? DistillationError }
    }

    /// A model's logits for one picture.
    private func logits(_ model: LoadedModel, size: Int? = nil) throws -> [Float] {
        let graph = try model.inferenceGraph(batch: 1, size: size)
        let store = StateStore()
        try model.load(into: store, for: graph)
        let plan = try CPUExecutor().compile(
            graph, store: store, options: PlanOptions(threads: 1, label: "test", inference: true))
        let side = size ?? model.document.inputSize
        let values = (0..<model.plugin.channels * side * side).map {
            Float(($0 * 37) % 101) / 101
        }
        try values.withUnsafeBufferPointer { try plan.feed(model.document.modality, values: $0) }
        try plan.run()
        return try plan.read("logits").values
    }

    private func expectAlike(_ one: [Float], _ other: [Float], _ tolerance: Float = 1e-3) {
        let scale = one.reduce(1e-6) { max($0, abs($1)) }
        #expect(one.count == other.count && one.count > 1)
        for (a, b) in zip(one, other) { #expect(abs(a - b) <= tolerance * scale) }
    }

    // MARK: Preprocessing

    @Test func preprocessingIsObeyedByWeightsAsByGraphs() throws {
        let (graph, states) = try weights()
        let tensors = try write(states)
        let onnx = path("model.onnx")
        try ONNXExporter().write(graph, states: states, to: URL(fileURLWithPath: onnx))
        let caffe = Preprocessing(
            channels: .bgr, scale: 1, mean: [103.939, 116.779, 123.68], size: 32)
        let half = Preprocessing(mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5], size: 32)
        var seen: [[Float]] = []
        for preprocessing in [
            caffe, half, Preprocessing(size: 32),
            Preprocessing(
                mean: Preprocessing.imageNet.mean, deviation: Preprocessing.imageNet.deviation,
                size: 32),
        ] {
            let one = try model(tensors, preprocessing: preprocessing)
            #expect(one.document.preprocessing == preprocessing)
            let answers = try logits(one)
            expectAlike(answers, try logits(model(onnx, preprocessing: preprocessing)))
            #expect(!seen.contains(answers))
            seen.append(answers)
        }
    }

    @Test func whatIsAssumedIsTold() throws {
        let (graph, states) = try weights()
        let plain = try model(write(states))
        #expect(plain.document.notes?.contains { $0.contains("preprocessing assumed") } == true)
        let onnx = path("tf_efficientnet_lite0.onnx")
        try ONNXExporter().write(graph, states: states, to: URL(fileURLWithPath: onnx))
        let named = try model(onnx)
        #expect(named.document.preprocessing?.mean == [0.5, 0.5, 0.5])
        #expect(named.document.notes?.contains { $0.contains("EfficientNet-Lite") } == true)
        let said = try model(onnx, preprocessing: .imageNet)
        #expect(said.document.notes?.contains { $0.contains("assumed") } == false)
    }

    // MARK: Weights

    @Test func prefixesOfTrainingProgramsAreTakenOff() throws {
        let (_, states) = try weights()
        let usual = try logits(model(write(states), preprocessing: .imageNet))
        for prefix in ["module.", "_orig_mod.module.", "model.backbone.", "net."] {
            let renamed = Dictionary(uniqueKeysWithValues: states.map { (prefix + $0, $1) })
            let found = try model(write(renamed), preprocessing: .imageNet)
            expectAlike(usual, try logits(found), 1e-6)
            #expect(found.document.notes?.contains { $0.contains(prefix) } == true)
        }
    }

    @Test func tensorsWithoutUseAreNamed() throws {
        var (_, states) = try weights()
        states["layer1.0.se.fc1.weight"] = Tensor(shape: [2, 2], repeating: 1)
        states["bn1.num_batches_tracked"] = Tensor(shape: [1], repeating: 3)
        let file = try write(states)
        let error = try #require(refusal { try model(file, preprocessing: .imageNet) })
        #expect(error.code == "import.unused_tensors")
        #expect(error.message.contains("`layer1.0.se.fc1.weight`"))
        #expect(error.hint?.contains("--ignore") == true)
        _ = try model(file, preprocessing: .imageNet, ignored: ["*.se.*"])
    }

    @Test func valuesThatAreNoNumbersAreNamed() throws {
        let (graph, plain) = try weights()
        var states = plain
        let name = try #require(states.keys.sorted().first { $0.hasSuffix("conv1.weight") })
        let whole = try #require(states[name])
        var values = whole.values
        values[3] = .nan
        states[name] = Tensor(shape: whole.shape, values: values)
        let tensors = try write(states)
        let onnx = path("model.onnx")
        try ONNXExporter().write(graph, states: states, to: URL(fileURLWithPath: onnx))
        for file in [tensors, onnx] {
            let error = try #require(refusal { try model(file, preprocessing: .imageNet) })
            #expect(error.code == "import.not_finite")
            #expect(error.message.contains("1 NaN"), "\(error.message)")
        }
        values[3] = .infinity
        states[name] = Tensor(shape: whole.shape, values: values)
        let infinite = try write(states)
        #expect(
            refusal { try model(infinite, preprocessing: .imageNet) }?.message.contains("infinite")
                == true)
    }

    @Test func shardsAreReadTogether() throws {
        let (_, states) = try weights()
        let usual = try logits(model(write(states), preprocessing: .imageNet))
        let folder = URL(fileURLWithPath: path("x")).deletingLastPathComponent().path
        var map: [String: String] = [:]
        for part in 0..<3 {
            let name = "model-0000\(part + 1)-of-00003.safetensors"
            let own = states.filter { abs($0.key.utf8.reduce(0) { $0 + Int($1) }) % 3 == part }
            try SafeTensorsWriter.write(own, to: URL(fileURLWithPath: "\(folder)/\(name)"))
            for key in own.keys { map[key] = name }
        }
        let index = "\(folder)/model.safetensors.index.json"
        try JSONSerialization.data(withJSONObject: ["metadata": [:], "weight_map": map])
            .write(to: URL(fileURLWithPath: index))
        expectAlike(usual, try logits(model(index, preprocessing: .imageNet)), 1e-6)
        try FileManager.default.removeItem(
            atPath: "\(folder)/model-00002-of-00003.safetensors")
        #expect(
            try ModelImport.missingFiles(
                of: .init(
                    file: index, originalName: "model.safetensors.index.json", name: "m",
                    preprocessing: nil, classes: nil)) == ["model-00002-of-00003.safetensors"])
    }

    @Test func ownExportsComeBackEqual() throws {
        let trained = try Trial.finish(
            try bench.request("teacher", recipe: Trial.teacher(epochs: 1)))
        let original = try LoadedModel(folder: trained.folder, host: bench.host)
        let depth = try Trial.finish(
            try bench.request("student", recipe: Trial.student(), teacher: trained.folder))
        let student = try LoadedModel(folder: depth.folder, host: bench.host)
        for (run, model) in [("teacher", original), ("student", student)] {
            let answers = try logits(model)
            for file in ["student.safetensors", "student.onnx"] {
                let back = try self.model("\(bench.root)/runs/\(run)/\(file)")
                #expect(back.document.modality == model.document.modality)
                #expect(back.document.inputSize == model.document.inputSize)
                #expect(back.document.classes == model.document.classes)
                #expect(
                    back.document.network?.encoding
                        == (file.hasSuffix("onnx") ? nil : model.document.network?.encoding))
                expectAlike(answers, try logits(back), 1e-4)
            }
        }
        let error = try #require(
            refusal {
                try self.model(
                    "\(bench.root)/runs/student/student.onnx", preprocessing: .imageNet)
            })
        #expect(error.code == "import.preprocessing")
    }

    // MARK: Cases

    private static let cases = URL(fileURLWithPath: realData).deletingLastPathComponent()
        .appendingPathComponent("cases/teachers").path

    private func given(_ name: String) -> String { "\(Self.cases)/\(name)" }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: cases)))
    func filesOfOthersMeanWhatTheySay() throws {
        for name in [
            "s_plain", "s_softmax_hand", "s_softmax_scaled100", "s_feat_logits", "s_aux_logits",
            "s_dyn_default", "s_qop", "s_hw", "s_nhwc", "s_rect", "s_u8", "h_optimum_resnet",
        ] {
            let found = try model(given("\(name).onnx"))
            #expect(found.document.reading?.task == .classifier, "\(name)")
            #expect(found.document.classes.count == 10, "\(name)")
            #expect(try logits(found).count == 10, "\(name)")
        }
        let sigmoid = try model(given("s_sigmoid.onnx"))
        #expect(sigmoid.document.reading?.task == .multiLabel)
        for name in ["s_pool_only", "s_l2norm"] {
            let found = try model(given("\(name).onnx"))
            #expect(found.document.reading?.task == .embedding, "\(name)")
            #expect(found.document.classes.isEmpty)
        }
        for name in ["s_topk", "d_yolo"] {
            let error = #expect(throws: InterchangeError.self) { try model(given("\(name).onnx")) }
            #expect(error?.code == .undecided && error?.hint.contains("--") == true, "\(name)")
        }
        #expect(refusal { try model(given("s_nan.onnx")) }?.code == "import.not_finite")
        let bytes = try model(given("s_u8.onnx"))
        #expect(bytes.document.preprocessing == .bytes)
        #expect(
            refusal { try model(given("s_u8.onnx"), preprocessing: .imageNet) }?.code
                == "import.preprocessing")
        let flat = try model(given("s_rect.onnx"))
        #expect(flat.document.layout == InputLayout(height: 48, width: 80, channelsLast: false))
        let last = try model(given("s_nhwc.onnx"))
        #expect(last.document.layout?.channelsLast == true)
        let sized = try model(given("s_hw.onnx"), inputShape: [48, 64])
        #expect(sized.document.layout == InputLayout(height: 48, width: 64, channelsLast: false))
        #expect(
            refusal { try model(given("s_plain.onnx"), inputShape: [96, 96]) }?.code
                == "import.input_shape")
        let all = try FileManager.default.contentsOfDirectory(atPath: Self.cases)
        for name in all where name.hasPrefix("g_") {
            let error = try #require(refusal { try model(given(name)) }, "\(name)")
            #expect(error.code == "import.foreign_format", "\(name)")
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: cases)))
    func weightsBesideAGraphBelongToIt() throws {
        let graph = path("m.onnx")
        try FileManager.default.copyItem(atPath: given("s_dyn_default.onnx"), toPath: graph)
        func missing() throws -> [String] {
            try ModelImport.missingFiles(
                of: .init(
                    file: graph, originalName: "m.onnx", name: "m", preprocessing: nil,
                    classes: nil))
        }
        #expect(try missing() == ["s_dyn_default.onnx.data"])
        let beside = URL(fileURLWithPath: graph).deletingLastPathComponent()
            .appendingPathComponent("s_dyn_default.onnx.data")
        try FileManager.default.copyItem(
            atPath: given("s_dyn_default.onnx.data"), toPath: beside.path)
        #expect(try missing().isEmpty)
        let first = try model(graph)
        // One file holds both, so that the model can be exported.
        #expect(
            try ONNXProbe(URL(fileURLWithPath: first.folder + "/model.onnx")).externalFiles.isEmpty)
        var data = try Data(contentsOf: beside)
        data[data.count - 2] ^= 0x01
        try data.write(to: beside)
        #expect(try model(graph).document.digest != first.document.digest)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: realData + "/efficientnet-lite0")))
    func openSizesAreThoseOfThePreprocessing() throws {
        let file = realData + "/efficientnet-lite0/efficientnet_lite0.onnx"
        let own = Preprocessing(
            scale: 1, mean: [127, 127, 127], deviation: [128, 128, 128], size: 224)
        let found = try model(file, preprocessing: own)
        #expect(found.document.reading?.task == .classifier)
        #expect(found.document.inputSize == 224 && found.document.classes.count == 1000)
        #expect(found.document.notes?.contains { $0.contains("leaves its size open") } == true)
    }
}

/// The folder of real data.
private let realData: String = {
    if let folder = ProcessInfo.processInfo.environment["DISTILL_TEST_DATA"] { return folder }
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/shared/data"
}()
