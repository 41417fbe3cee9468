package import Foundation
package import Graphs
import SwiftProtobuf
package import Tensors

/// Writes an inference graph as an ONNX model: operator set 17, IR version 8.
///
/// The first axis of inputs is the batch and stays open under the name `N`, wherever the graph can be
/// bound to other batches. States become initializers under their own names.
package struct ONNXExporter: Sendable {
    package static let opset = 17

    /// The file's `metadata_props`, such as `distilld.encoding`.
    package var metadata: [String: String]
    /// The outputs to write, in this order; nil: all of the graph.
    package var outputs: [String]?
    package var producerVersion: String
    /// Whether the batch axis stays open.
    package var hasOpenBatch: Bool

    package init(
        metadata: [String: String] = [:], outputs: [String]? = nil, producerVersion: String = "",
        hasOpenBatch: Bool = true
    ) {
        self.metadata = metadata
        self.outputs = outputs
        self.producerVersion = producerVersion
        self.hasOpenBatch = hasOpenBatch
    }

    /// Writes the model atomically.
    ///
    /// - Throws: `InterchangeError` as `encode`, and `.unwritable`.
    package func write(_ graph: Graph, states: [String: Tensor<Float>], to url: URL) throws {
        try AtomicFile.write([encode(graph, states: states)], to: url)
    }

    /// The model's bytes; equal graphs and states give equal bytes.
    ///
    /// - Throws: `InterchangeError.unsupported` that names every operator without an ONNX form,
    ///   `.unbound` for a state without a value, `.unknownName` for an output that the graph lacks.
    package func encode(_ graph: Graph, states: [String: Tensor<Float>]) throws -> Data {
        let chosen = try chosenOutputs(graph)
        let batches = BatchAxes(graph, isOpen: hasOpenBatch)
        let export = GraphExport(graph, states: states, outputs: chosen)
        try export.run()
        var proto = Onnx_GraphProto()
        proto.name = "distilld"
        proto.node = export.nodes
        proto.initializer = export.initializers
        let used = export.usedInputs
        proto.input = graph.inputs.filter { used.contains($0.name) }
            .map { batches.info($0.name, $0.value, isInput: true) }
        proto.output = chosen.map { batches.info($0.name, $0.value, isInput: false) }
        var model = Onnx_ModelProto()
        model.irVersion = 8
        model.producerName = "distilld"
        model.producerVersion = producerVersion
        var operators = Onnx_OperatorSetIdProto()
        operators.domain = ""
        operators.version = Int64(Self.opset)
        model.opsetImport = [operators]
        model.graph = proto
        model.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
            var entry = Onnx_StringStringEntryProto()
            entry.key = key
            entry.value = value
            return entry
        }
        do {
            return try model.serializedData(partial: true)
        } catch {
            throw InterchangeError(
                .tooLarge, "the model cannot be one ONNX file (\(error))",
                hint: "export it as safetensors")
        }
    }

    private func chosenOutputs(_ graph: Graph) throws -> [(name: String, value: Value)] {
        guard let outputs else { return graph.outputs }
        return try outputs.map { name in
            do {
                return (name, try graph.value(named: name))
            } catch let error as GraphError {
                throw InterchangeError(.unknownName, node: name, error.message)
            }
        }
    }
}
