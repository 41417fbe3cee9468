package import Graphs
import Tensors

/// The operations by which a modality's encoding is described, as nodes of a graph.
///
/// Tensors are `[batch, channels, height, width]`. Two inputs, broadcast: Add Subtract Multiply Divide
/// Maximum Minimum Greater. One: Negate Exp Log Sqrt Reciprocal Abs Square Step, Affine(scale, offset),
/// Clip(minimum, maximum), Slice(axis, start, length). Convolution(stride, padding) of an input and a
/// kernel `[out, in, height, width]`. Any number: Concatenate(axis).
package enum EncodingGraph {
    /// Adds one operation by its name.
    ///
    /// - Throws: `NetworkError.unknownOperation`; `NetworkError.operation` for a wrong number of inputs or
    ///   a missing, unknown or impossible attribute; `GraphError.shape`.
    package static func apply(
        _ name: String, inputs: [Value], attributes: [String: [Double]], to graph: inout Graph
    ) throws -> Value {
        guard let operation = operations[name] else {
            let near = NearestName.suggestions(for: name, among: Array(operations.keys))
            let hint = near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"
            throw NetworkError(
                .unknownOperation, context: name,
                "an encoding has no operation of this name\(hint) Known: "
                    + operations.keys.sorted().joined(separator: ", "))
        }
        if let count = operation.inputs, count != inputs.count {
            throw NetworkError(
                .operation, context: name, "takes \(count) inputs, got \(inputs.count)")
        }
        guard !inputs.isEmpty else {
            throw NetworkError(.operation, context: name, "takes at least one input, got none")
        }
        let reader = EncodingAttributes(operation: name, values: attributes)
        try reader.refuseUnknown(besides: operation.attributes)
        return try operation.build(&graph, inputs, reader)
    }

    private struct Operation: Sendable {
        /// How many inputs; nil: any number.
        let inputs: Int?
        let attributes: [String]
        let build: @Sendable (inout Graph, [Value], EncodingAttributes) throws -> Value
    }

    private static let operations: [String: Operation] = {
        var table: [String: Operation] = [
            "Affine": Operation(inputs: 1, attributes: ["scale", "offset"]) {
                try $0.affine(
                    $1[0], scale: $2.number("scale", default: 1),
                    offset: $2.number("offset", default: 0))
            },
            "Clip": Operation(inputs: 1, attributes: ["minimum", "maximum"]) {
                try $0.clip(
                    $1[0], minimum: $2.number("minimum", default: -.infinity),
                    maximum: $2.number("maximum", default: .infinity))
            },
            "Convolution": Operation(
                inputs: 2, attributes: ["stride", "padding"], build: convolution),
            "Concatenate": Operation(inputs: nil, attributes: ["axis"]) {
                try $0.concatenate($1, axis: $2.integer("axis", default: 1))
            },
            "Slice": Operation(inputs: 1, attributes: ["axis", "start", "length"]) {
                try $0.slice(
                    $1[0], axis: $2.integer("axis", default: 1),
                    start: $2.integer("start", default: 0), length: $2.integer("length"))
            },
        ]
        let binary: [(String, Binary.Function)] = [
            ("Add", .add), ("Subtract", .subtract), ("Multiply", .multiply), ("Divide", .divide),
            ("Maximum", .maximum), ("Minimum", .minimum), ("Greater", .greater),
        ]
        for (name, function) in binary {
            table[name] = Operation(inputs: 2, attributes: []) { graph, inputs, _ in
                try graph.add(Binary(function), inputs[0], inputs[1])
            }
        }
        let unary: [(String, Unary.Function)] = [
            ("Negate", .negate), ("Exp", .exp), ("Log", .logarithm),
            ("Sqrt", .squareRoot), ("Reciprocal", .reciprocal), ("Abs", .absolute),
            ("Square", .square), ("Step", .step),
        ]
        for (name, function) in unary {
            table[name] = Operation(inputs: 1, attributes: []) { graph, inputs, _ in
                try graph.add(Unary(function), inputs[0])
            }
        }
        return table
    }()

    @Sendable private static func convolution(
        _ graph: inout Graph, _ inputs: [Value], _ attributes: EncodingAttributes
    ) throws -> Value {
        let stride = try attributes.pair("stride", default: 1, atLeast: 1)
        let padding = try attributes.pair("padding", default: 0, atLeast: 0)
        return try graph.convolve(
            inputs[0], weight: inputs[1], strides: stride,
            padding: Padding(
                top: padding[0], left: padding[1], bottom: padding[0], right: padding[1]))
    }
}
