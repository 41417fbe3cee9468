import ControlProtocol
import Distillation
import Execution
import Foundation
import Graphs
import Interchange
import Tensors

/// Runs an ONNX file on arrays: NPY in, NPY out, element types kept.
struct RunRole {
    let assignment: RunAssignment
    let channel: WorkerChannel

    init(_ assignment: RunAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    func run() throws -> WorkerReport {
        var arrays: [String: NumPyArray] = [:]
        for (name, path) in assignment.inputs {
            arrays[name] = try NumPyFile.read(URL(fileURLWithPath: path))
        }
        let runner = try ModelRunner(
            at: URL(fileURLWithPath: try modelFile()), inputs: arrays)
        let results = try runner.isSmall ? runner.interpreted() : runner.arrays(execute(runner))
        try FileManager.default.createDirectory(
            atPath: assignment.outputs, withIntermediateDirectories: true)
        var written: [String: JSONValue] = [:]
        for (name, array) in results {
            let file = name.replacingOccurrences(of: "/", with: "_") + ".npy"
            let path = assignment.outputs + "/" + file
            try NumPyFile.write(array, to: URL(fileURLWithPath: path))
            written[name] = .string(path)
        }
        return .finished(.object(["outputs": .object(written)]))
    }

    private func modelFile() throws -> String {
        let document = assignment.model + "/model.json"
        guard FileManager.default.fileExists(atPath: document) else { return assignment.model }
        let model = try ModelDocument.read(folder: assignment.model)
        guard model.kind == .onnx else {
            throw DistillationError(
                "model.not_onnx", "\(assignment.model) holds weights of a network, not a graph",
                hint: "export it first: distillctl models export NAME --format onnx --to FILE")
        }
        return assignment.model + "/" + model.weights
    }

    /// Large models run on the executor in float32; small ones, integers among them, exactly.
    private func execute(_ runner: ModelRunner) throws -> [String: Tensor<Double>] {
        let graph = runner.model.graph
        let store = StateStore()
        try store.declare(statesOf: graph, seed: 0)
        let plan = try CPUExecutor().compile(
            graph, store: store,
            options: PlanOptions(threads: Processor.cores, label: "run", inference: true))
        for (name, tensor) in runner.feeds { try plan.feed(name, tensor.map { Float($0) }) }
        try plan.run()
        var results: [String: Tensor<Double>] = [:]
        for (name, _) in graph.outputs { results[name] = try plan.read(name).map { Double($0) } }
        return results
    }
}
