package import Graphs
package import Tensors

/// A model of a file as a graph that can be run, extended, differentiated and bound to other batches.
package struct ImportedModel: Sendable {
    /// An extent that a file declares for an input or output.
    package enum Extent: Sendable, Hashable, CustomStringConvertible {
        case fixed(Int)
        /// A name such as `N`, empty where the file gives none.
        case symbolic(String)

        package var description: String {
            switch self {
            case .fixed(let extent): String(extent)
            case .symbolic(let name): name.isEmpty ? "?" : name
            }
        }
    }

    /// An input or output of the file.
    package struct Port: Sendable, Hashable {
        package let name: String
        /// The element type in the file. The graph carries all numbers as floats.
        package let element: ElementType
        /// The shape in `graph`.
        package let shape: Shape
        /// The shape as the file declares it, nil where it does not.
        package let declared: [Extent]?
    }

    package var graph: Graph
    /// What the caller feeds, under these names.
    package let inputs: [Port]
    /// What comes out, under these names, as `graph.outputs`.
    package let outputs: [Port]
    /// Version of the standard operators that the file was written for.
    package let opset: Int
    package let producer: String
    /// The file's `metadata_props`.
    package let metadata: [String: String]
    /// Operators of the file with their counts.
    package let operators: [String: Int]
    /// Class scores `[batch, classes]` before any softmax, nil where the first output has another form.
    package let logits: Value?
    /// What a student's last map is compared with: see `TeacherTaps`.
    package let features: Value?
    /// What the whole picture becomes `[batch, values]`; nil: the mean of `features` over its positions.
    package let vector: Value?
    /// What the network was taken for, nil where nobody asked.
    package let reading: ModelReading?
    /// Whether scores come from a dense layer and no probabilities were undone: then they lie on both sides of 0.
    package let hasPlainScores: Bool
    /// What was chosen among several, and why.
    package let notes: [String]
    /// Inputs whose given values were built into the graph, because shapes depend on them.
    package let frozen: [String]
    /// The node that builds the batch size into the graph, nil where any batch fits.
    package let batchFixedBy: String?

    /// The states' values as the file gives them.
    package var states: [String: Tensor<Float>] {
        var values: [String: Tensor<Float>] = [:]
        for (declaration, _) in graph.states {
            switch declaration.initializer {
            case .values(let tensor): values[declaration.name] = tensor
            case .constant(let value):
                values[declaration.name] = Tensor(shape: declaration.shape, repeating: value)
            default: continue
            }
        }
        return values
    }

    /// Number of trained values.
    package var parameterCount: Int {
        graph.states.filter { $0.declaration.role == .parameter }
            .reduce(0) { $0 + $1.declaration.shape.count }
    }

    /// The same model for another batch size.
    ///
    /// A file that is written for one batch, and cannot be opened, is copied as often as it takes.
    /// - Throws: `InterchangeError.unsupported` for a graph that computes with an open batch.
    package func rebound(batch: Int) throws -> ImportedModel {
        guard inputs.contains(where: { $0.shape.rank > 0 && $0.shape[0] != batch }) else {
            return self
        }
        if let batchFixedBy {
            if let writtenBatch { return try copied(batch: batch, written: writtenBatch) }
            throw fixed(
                "it computes with the batch size, or its samples cannot be kept apart",
                node: batchFixedBy)
        }
        var shapes: [String: Shape] = [:]
        for port in inputs where port.shape.rank > 0 && port.declared != nil {
            var shape = port.shape
            shape[0] = batch
            shapes[port.name] = shape
        }
        do {
            return with(
                try graph.rebound(inputs: shapes), logits: logits, features: features,
                vector: vector)
        } catch let error as GraphError {
            if let writtenBatch { return try copied(batch: batch, written: writtenBatch) }
            throw fixed(error.message, node: error.node)
        }
    }

    private func fixed(_ message: String, node: String) -> InterchangeError {
        InterchangeError(
            .unsupported, node: node, "the model is built for one batch size: \(message)",
            hint: "export it with a dynamic batch axis")
    }

    /// The same model with another graph, whose shapes its inputs and outputs get.
    func with(
        _ graph: Graph, logits: Value?, features: Value?, vector: Value?
    ) -> ImportedModel {
        func ports(_ ports: [Port], _ values: [(name: String, value: Value)]) -> [Port] {
            let shapes = Dictionary(
                uniqueKeysWithValues: values.map { ($0.name, graph.shape(of: $0.value)) })
            return ports.map {
                Port(
                    name: $0.name, element: $0.element, shape: shapes[$0.name] ?? $0.shape,
                    declared: $0.declared)
            }
        }
        return ImportedModel(
            graph: graph, inputs: ports(inputs, graph.inputs),
            outputs: ports(outputs, graph.outputs),
            opset: opset, producer: producer, metadata: metadata, operators: operators,
            logits: logits, features: features, vector: vector, reading: reading,
            hasPlainScores: hasPlainScores,
            notes: notes, frozen: frozen, batchFixedBy: batchFixedBy)
    }
}
