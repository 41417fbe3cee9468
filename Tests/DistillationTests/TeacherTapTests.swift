import Distillation
import Execution
import Foundation
import Graphs
import Interchange
import Networks
import Tensors
import Testing

/// What can be compared with an imported teacher, and how recipes name it.
@Suite("Taps of imported teachers", .ownThread) struct TeacherTapTests {
    private func teacher(_ architecture: any Architecture, in bench: Workbench) throws -> String {
        var graph = Graph()
        let input = try graph.input("image", [1, 3, 32, 32])
        let taps = try architecture.build(
            into: &graph, input: input, options: BuildOptions(classes: 8, training: false))
        graph.output("scores", try #require(taps.logits))
        let store = StateStore()
        try store.declare(statesOf: graph, seed: 5)
        var states: [String: Tensor<Float>] = [:]
        for (declaration, _) in graph.states {
            states[declaration.name] = try store.read(declaration.name)
        }
        let file = "\(bench.root)/\(architecture.id).onnx"
        try ONNXExporter().write(graph, states: states, to: URL(fileURLWithPath: file))
        let folder = "\(bench.root)/models/\(architecture.id)"
        _ = try ModelImport(host: bench.host).run(
            .init(
                file: file, originalName: "teacher.onnx", name: architecture.id, modality: "rgb",
                preprocessing: .imageNet, classes: nil), destination: folder)
        return folder
    }

    private func recipe(_ taps: String) -> String {
        Trial.student(
            objectives: "[[objective]]\nknowledge = \"feature\"\nmethod = \"hint\"\n\(taps)")
    }

    private func layers(_ folder: String) throws -> ModelLayers {
        try JSONDecoder().decode(
            ModelLayers.self,
            from: Data(contentsOf: URL(fileURLWithPath: folder + "/" + ModelLayers.fileName)))
    }

    @Test func nodesAreListedWithTheirSizesAndNames() throws {
        let bench = try Workbench(pairs: 16)
        let folder = try teacher(ResidualNetwork.small, in: bench)
        let document = try ModelDocument.read(folder: folder)
        let layers = try layers(folder).layers
        #expect(layers.reduce(0) { $0 + $1.parameters } == document.parameters)
        #expect(layers.reduce(0) { $0 + $1.multiplyAdds } >= document.multiplyAdds)
        let scores = try #require(layers.first { $0.taps.contains("scores") })
        #expect(scores.shape == [1, 8])
        // A name stands for one value.
        let taps = layers.flatMap(\.taps)
        #expect(Set(taps).count == taps.count && taps.contains("logits"))
        let map = try #require(layers.first { $0.taps.first == "features" })
        #expect(map.shape[1] == document.featureChannels)
        let convolutions = layers.filter { $0.operation == Convolution.kind }
        #expect(convolutions.count > 5 && convolutions.allSatisfy { !$0.taps.isEmpty })
    }

    @Test func aNodeIsTappedByItsName() throws {
        let bench = try Workbench(pairs: 16)
        let folder = try teacher(ResidualNetwork.small, in: bench)
        let node = try #require(
            layers(folder).layers.last { $0.operation == Convolution.kind && !$0.taps.isEmpty })
        let tap = try #require(node.taps.first)
        let plan = try JobPlan(
            bench.request(
                "good", recipe: recipe("teacher = \"\(tap)\"\nstudent = \"features\""),
                teacher: folder))
        #expect(plan.objectives.first?.teacher[tap] == Array(node.shape.dropFirst()))
        let error = #expect(throws: DistillationError.self) {
            _ = try JobPlan(
                bench.request(
                    "wrong", recipe: recipe("teacher = \"\(tap)x\"\nstudent = \"features\""),
                    teacher: folder))
        }
        #expect(error?.code == "teacher.unknown_tap")
        #expect(
            error?.message.contains("did you mean \(tap)") == true, "\(String(describing: error))")
    }

    /// Tokens of patches are compared as the map that they are.
    @Test func tokensAreTappedAsAMap() throws {
        let bench = try Workbench(pairs: 16)
        let folder = try teacher(VisionTransformer.tiny, in: bench)
        let tokens = try #require(
            layers(folder).layers.last { $0.shape == [1, 5, 192] && !$0.taps.isEmpty })
        let tap = try #require(tokens.taps.first)
        let plan = try JobPlan(
            bench.request(
                "tokens", recipe: recipe("teacher = \"\(tap)\"\nstudent = \"features\""),
                teacher: folder))
        #expect(plan.objectives.first?.teacher[tap] == [192, 2, 2])
    }

    /// An imported graph gives its weights to a network of the same layers, and to no other.
    @Test func aStudentBeginsWithAGraphsWeights() throws {
        let bench = try Workbench(pairs: 16)
        let same = try teacher(ResidualNetwork.small, in: bench)
        let beginning = Trial.student(student: "initialise = \"teacher\"")
        let plan = try JobPlan(bench.request("same", recipe: beginning, teacher: same))
        let note = try #require(plan.notes.first { $0.contains("begins") })
        #expect(!note.contains("at random"), "\(note)")
        #expect(note.contains("adapted: conv1.weight"), "\(note)")
        let other = try teacher(MobileNetV3Small(), in: bench)
        let error = #expect(throws: DistillationError.self) {
            _ = try JobPlan(bench.request("other", recipe: beginning, teacher: other))
        }
        #expect(error?.code == "student.weights")
    }
}
