import Foundation
import Graphs
import Interchange
import Tensors
import Testing

@Suite struct ExportTests {
    /// What goes out and comes back computes the same, also for another batch.
    @Test(arguments: ["student", "everything"])
    func roundTrip(_ name: String) throws {
        let graph =
            try name == "student" ? SmallGraphs.student(batch: 2) : SmallGraphs.everything(batch: 2)
        let states = SmallGraphs.states(graph)
        let metadata = ["distilld.encoding": "metric", "distilld.note": "ä \"quoted\""]
        let data = try ONNXExporter(metadata: metadata).encode(graph, states: states)
        let again = try ONNXExporter(metadata: metadata).encode(graph, states: states)
        #expect(data == again)
        for batch in [1, 2, 3] {
            let model = try ONNXImporter(ImportOptions(batch: batch)).model(from: data)
            #expect(model.opset == 17)
            #expect(model.metadata == metadata)
            #expect(model.outputs.map(\.name) == graph.outputs.map(\.name))
            let input = try #require(graph.inputs.first)
            var shape = graph.shape(of: input.value)
            shape[0] = batch
            let feeds = [input.name: SmallGraphs.numbers(shape, seed: 3)]
            let original = try graph.rebound(inputs: [input.name: shape])
            var expected = Interpreter(original, states: states.mapValues { $0.map(Double.init) })
            var found = Interpreter(
                model.graph, states: model.states.mapValues { $0.map(Double.init) })
            let left = try expected.run(feeds)
            let right = try found.run(feeds)
            for (output, tensor) in left {
                let other = try #require(right[output])
                #expect(tensor.shape == other.shape)
                for (a, b) in zip(tensor.values, other.values) {
                    #expect(abs(a - b) <= 1e-5 * max(1, abs(a)), "\(output)")
                }
            }
        }
    }

    @Test func outputsHaveAnOpenBatch() throws {
        let graph = try SmallGraphs.student(batch: 2)
        let data = try ONNXExporter().encode(graph, states: SmallGraphs.states(graph))
        let model = try ONNXImporter().model(from: data)
        #expect(model.inputs.first?.declared?.first == .symbolic("N"))
        #expect(model.outputs.first?.declared == [.symbolic("N"), .fixed(5)])
        #expect(try model.rebound(batch: 7).outputs.first?.shape == [7, 5])
    }

    @Test func refusesWhatHasNoForm() throws {
        var graph = Graph()
        let x = try graph.input("x", [2, 3])
        graph.output("y", try graph.append(GlobalNorm(), [x], name: "norm").output())
        let error = #expect(throws: InterchangeError.self) {
            try ONNXExporter().encode(graph, states: [:])
        }
        #expect(error?.code == .unsupported)
        #expect(error?.node.contains("norm") == true)
        #expect(throws: InterchangeError.self) {
            try ONNXExporter().encode(SmallGraphs.student(batch: 1), states: [:])
        }
    }

    /// onnx.checker accepts the file and onnxruntime computes the same; DISTILL_PYTHON names an
    /// interpreter that has both.
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["DISTILL_PYTHON"] != nil),
        arguments: ["student", "everything"])
    func onnxruntimeAgrees(_ name: String) throws {
        let python = try #require(ProcessInfo.processInfo.environment["DISTILL_PYTHON"])
        let graph =
            try name == "student" ? SmallGraphs.student(batch: 2) : SmallGraphs.everything(batch: 2)
        let states = SmallGraphs.states(graph)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("model.onnx")
        try ONNXExporter().write(graph, states: states, to: file)
        let input = try #require(graph.inputs.first)
        var shape = graph.shape(of: input.value)
        shape[0] = 3
        let x = SmallGraphs.numbers(shape, seed: 5)
        try NumPyFile.write(
            NumPyArray(x, element: .float32), to: folder.appendingPathComponent("x.npy"))
        let script = """
            import onnx, onnxruntime, numpy, sys
            folder = sys.argv[1]
            onnx.checker.check_model(folder + "/model.onnx", full_check=True)
            session = onnxruntime.InferenceSession(folder + "/model.onnx")
            x = numpy.load(folder + "/x.npy")
            results = session.run(None, {session.get_inputs()[0].name: x})
            for index, result in enumerate(results):
                numpy.save(f"{folder}/{index}.npy", result)
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", script, folder.path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let bound = try graph.rebound(inputs: [input.name: shape])
        var interpreter = Interpreter(bound, states: states.mapValues { $0.map(Double.init) })
        let expected = try interpreter.run([input.name: x])
        for (index, output) in graph.outputs.enumerated() {
            let found = try NumPyFile.read(folder.appendingPathComponent("\(index).npy"))
            let wanted = try #require(expected[output.name])
            #expect(found.shape == wanted.shape, "\(output.name)")
            for (a, b) in zip(found.values.values, wanted.values) {
                #expect(abs(a - b) <= 1e-4 * max(1, abs(b)), "\(output.name)")
            }
        }
    }
}
