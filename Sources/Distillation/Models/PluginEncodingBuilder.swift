package import Graphs
package import Modalities
import Networks
import Tensors

/// Turns what a plugin says of its encoding into nodes of a graph, so that training, evaluation and the
/// exported student share one definition.
struct PluginEncodingBuilder: EncodingBuilder {
    var graph: Graph

    mutating func operation(
        _ name: String, inputs: [Value], attributes: [String: [Double]]
    ) throws -> Value {
        try EncodingGraph.apply(name, inputs: inputs, attributes: attributes, to: &graph)
    }

    mutating func constant(_ values: [Float], shape: [Int]) throws -> Value {
        try graph.constant(Tensor(shape: Shape(shape), values: values.map(Double.init)))
    }
}

extension Graph {
    /// Appends a plugin's encoding: physical values in, network channels out.
    ///
    /// - Shapes: input `[batch, channels, height, width]` in the modality's unit; the result has the
    ///   encoding's channels.
    package mutating func encode(
        _ input: Value, with plugin: ModalityPlugin, encoding: String
    ) throws -> Value {
        let shape = shape(of: input)
        var builder = PluginEncodingBuilder(graph: self)
        let output = try plugin.buildEncoding(
            encoding,
            parameters: ["height": .number(Double(shape[2])), "width": .number(Double(shape[3]))],
            using: &builder, input: input)
        self = builder.graph
        label(output, "encoding")
        return output
    }
}
