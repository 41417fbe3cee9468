package import Configuration
package import Graphs
package import Modalities
package import Networks
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

extension NetworkDescriptor.Encoding {
    /// A plugin's encoding for pictures of a camera; the camera is left out where the encoding takes none.
    package init(
        _ encoding: PluginEncoding, of plugin: ModalityPlugin,
        camera: DatasetManifest.Intrinsics? = nil
    ) {
        let focal = encoding.takesFocalLength ? camera?.focal : nil
        self.init(
            plugin: plugin.id, name: encoding.name, version: encoding.version,
            focal: focal.map { NetworkDescriptor.FocalLength(x: $0.x, y: $0.y) })
    }
}

extension Graph {
    /// Appends a plugin's encoding: physical values in, network channels out.
    ///
    /// - Shapes: input `[batch, channels, height, width]` in the modality's unit; the result has the
    ///   encoding's channels.
    package mutating func encode(
        _ input: Value, with plugin: ModalityPlugin, encoding: NetworkDescriptor.Encoding
    ) throws -> Value {
        let shape = shape(of: input)
        var builder = PluginEncodingBuilder(graph: self)
        var parameters: PluginOptions = [
            "height": .number(Double(shape[2])), "width": .number(Double(shape[3])),
        ]
        if let focal = encoding.focal {
            parameters["focal"] = .number(focal.x)
            parameters["focal_y"] = .number(focal.y)
        }
        let output = try plugin.buildEncoding(
            encoding.name, parameters: parameters, using: &builder, input: input)
        self = builder.graph
        label(output, "encoding")
        return output
    }
}
