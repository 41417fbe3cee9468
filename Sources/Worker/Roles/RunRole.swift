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
        let model = try ONNXImporter(
            ImportOptions(shapes: arrays.mapValues(\.shape), values: arrays)
        ).model(at: URL(fileURLWithPath: try modelFile()))
        let wanted = model.inputs.map(\.name)
        for name in arrays.keys.sorted()
        where !wanted.contains(name) && !model.frozen.contains(name) {
            let near = NearestName.suggestions(for: name, among: wanted)
            throw DistillationError(
                "model.unknown_input", "\(assignment.model) has no input `\(name)`",
                hint: near.isEmpty
                    ? "its inputs are \(wanted.joined(separator: ", "))"
                    : "did you mean `\(near[0])`?")
        }
        for port in model.inputs where arrays[port.name] == nil {
            throw DistillationError(
                "model.missing_input",
                "input `\(port.name)` of shape \(port.shape) is not given",
                hint: "add --input \(port.name)=FILE.npy")
        }
        let results = try values(of: model, arrays)
        try FileManager.default.createDirectory(
            atPath: assignment.outputs, withIntermediateDirectories: true)
        var written: [String: JSONValue] = [:]
        for port in model.outputs {
            guard let result = results[port.name] else { continue }
            let file = port.name.replacingOccurrences(of: "/", with: "_") + ".npy"
            let path = assignment.outputs + "/" + file
            try NumPyFile.write(
                NumPyArray(result, element: port.element), to: URL(fileURLWithPath: path))
            written[port.name] = .string(path)
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

    /// Floats run on the executor; whatever else a graph computes with runs exactly.
    private func values(
        of model: ImportedModel, _ arrays: [String: NumPyArray]
    ) throws -> [String: Tensor<Double>] {
        let isFloat = (model.inputs + model.outputs).allSatisfy { $0.element == .float32 }
        guard isFloat else {
            var interpreter = Interpreter(
                model.graph, states: model.states.mapValues { $0.map(Double.init) })
            return try interpreter.run(arrays.mapValues(\.values))
        }
        let store = StateStore()
        try store.declare(statesOf: model.graph, seed: 0)
        let plan = try CPUExecutor().compile(
            model.graph, store: store,
            options: PlanOptions(threads: Processor.cores, label: "run", inference: true))
        for port in model.inputs {
            guard let array = arrays[port.name] else { continue }
            try array.floats.values.withUnsafeBufferPointer { try plan.feed(port.name, values: $0) }
        }
        try plan.run()
        var results: [String: Tensor<Double>] = [:]
        for port in model.outputs { results[port.name] = try plan.read(port.name).map(Double.init) }
        return results
    }
}
