/// Whoever turns an encoding's description into nodes of a graph.
///
/// Tensors are `[batch, channels, height, width]`; operation names and attributes are those listed
/// in `CDistillPlugin.h`.
package protocol EncodingBuilder {
    associatedtype Node

    /// Adds one operation and returns its node.
    ///
    /// - Throws: any error; it ends the build and reaches the caller unchanged.
    mutating func operation(
        _ name: String, inputs: [Node], attributes: [String: [Double]]
    ) throws -> Node

    /// Adds a constant of the given shape (row-major).
    mutating func constant(_ values: [Float], shape: [Int]) throws -> Node
}

/// One way of a modality to become a network's input.
package struct PluginEncoding: Sendable, Hashable {
    package let name: String
    /// Changes with the meaning of the channels; part of an exported model's metadata.
    package let version: String
    package let summary: String
    /// Channels of the encoded tensor.
    package let channels: Int
    package let isDefault: Bool
    /// Whether it takes `focal` and `focal_y`: the focal length in widths and in heights of the input.
    package let takesFocalLength: Bool
}
