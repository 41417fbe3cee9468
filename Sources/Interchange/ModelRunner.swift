package import Foundation
package import Graphs
package import Tensors

/// A model bound to the shapes of given inputs: what `models run` runs.
///
/// Inputs that shapes depend on (the target of a Reshape, the ends of a Slice) are built in; all others
/// are in `feeds`. The caller runs `model.graph` where it likes and turns what comes out into arrays:
/// ```swift
/// let runner = try ModelRunner(ONNXImporter(), at: url, inputs: ["x": array])
/// let outputs = runner.isSmall ? try runner.interpreted() : runner.arrays(execute(runner.model.graph, runner.feeds))
/// ```
package struct ModelRunner: Sendable {
    package let model: ImportedModel
    /// A value for each input of the graph.
    package let feeds: [String: Tensor<Double>]

    /// Reads a model for given inputs.
    ///
    /// - Throws: `InterchangeError.unknownName` for an input that the model lacks, `.unbound` for one that is
    ///   missing or has another shape, and what `ONNXImporter` throws.
    package init(at url: URL, inputs: [String: NumPyArray]) throws {
        let importer = ONNXImporter(ImportOptions(values: inputs))
        try self.init(importer.model(at: url), inputs: inputs, file: url.path)
    }

    package init(_ data: Data, file: String = "", inputs: [String: NumPyArray]) throws {
        let importer = ONNXImporter(ImportOptions(values: inputs))
        try self.init(importer.model(from: data, file: file), inputs: inputs, file: file)
    }

    private init(
        _ model: ImportedModel, inputs: [String: NumPyArray], file: String
    ) throws {
        self.model = model
        let names = model.inputs.map(\.name) + model.frozen
        for name in inputs.keys.sorted() where !names.contains(name) {
            let near = NearestName.suggestions(for: name, among: names)
            throw InterchangeError(
                .unknownName, file: file, node: name, "the model has no input of this name",
                hint: "its inputs are \((near.isEmpty ? names : near).joined(separator: ", "))")
        }
        var feeds: [String: Tensor<Double>] = [:]
        for port in model.inputs {
            guard let array = inputs[port.name] else {
                throw InterchangeError(
                    .unbound, file: file, node: port.name, "this input has no value",
                    hint: "give one of shape \(port.shape)")
            }
            let isWide = port.element == .int64 || port.element == .uint64
            if isWide, array.values.values.contains(where: { abs($0) >= 0x1p53 }) {
                throw InterchangeError(
                    .unsupported, file: file, node: port.name,
                    "this input holds integers of 2^53 or more, which are not carried exactly")
            }
            feeds[port.name] =
                try Conversion(to: port.element).evaluate([array.values], outputs: [])[0]
        }
        self.feeds = feeds
    }

    /// Whether the exact interpreter, which keeps all values, runs it within moments.
    package var isSmall: Bool {
        let values = model.graph.nodes.flatMap(\.outputs).reduce(0) { $0 + $1.shape.count }
        return values < 1 << 27 && model.graph.multiplications < 20_000_000
    }

    /// The outputs, computed node by node in float64.
    package func interpreted() throws -> [(name: String, array: NumPyArray)] {
        var interpreter = Interpreter(
            model.graph, states: model.states.mapValues { $0.map { Double($0) } })
        do {
            return arrays(try interpreter.run(feeds))
        } catch let error as GraphError {
            throw InterchangeError(.malformed, node: error.node, error.message)
        }
    }

    /// What an executor returned as arrays of the element types that the file declares, in its order.
    package func arrays(
        _ outputs: [String: Tensor<Double>]
    ) -> [(name: String, array: NumPyArray)] {
        model.outputs.compactMap { port in
            outputs[port.name].map { (port.name, NumPyArray($0, element: port.element)) }
        }
    }
}

extension Graph {
    /// Multiplications of one run, of convolutions and matrix products alone.
    package var multiplications: Int {
        nodes.reduce(0) { total, node in
            let each: Int
            switch node.operation {
            case is Convolution, is FusedConvolution, is SpatialConvolution:
                each = shape(of: node.inputs[1]).dimensions.dropFirst().reduce(1, *)
            case let product as MatrixMultiply:
                let left = shape(of: node.inputs[0])
                let right = shape(of: node.inputs[1])
                each = product.extents(left, right).k
            default: each = 0
            }
            let (work, overflow) = each.multipliedReportingOverflow(by: node.outputs[0].shape.count)
            return overflow
                ? .max : total.addingReportingOverflow(work).overflow ? .max : total + work
        }
    }
}
