package import Graphs
import Tensors

/// What a trained network is, beside its weights: enough to build it again and to feed it rightly.
package struct NetworkDescriptor: Sendable, Hashable, Codable {
    /// Which plugin's encoding stands before the network.
    package struct Encoding: Sendable, Hashable, Codable {
        package var plugin: String
        package var name: String
        /// Changes with the meaning of the channels.
        package var version: String
        /// The camera's, where the encoding takes one and the data set gave it; nil: the encoding's own.
        package var focal: FocalLength?

        package init(plugin: String, name: String, version: String, focal: FocalLength? = nil) {
            self.plugin = plugin
            self.name = name
            self.version = version
            self.focal = focal
        }
    }

    /// A focal length in widths (x) and heights (y) of a picture: the same for pictures of any size.
    package struct FocalLength: Sendable, Hashable, Codable {
        package var x: Double, y: Double

        package init(x: Double, y: Double) { (self.x, self.y) = (x, y) }
    }

    /// What the network itself sees.
    package struct Input: Sendable, Hashable, Codable {
        /// Channels of the encoded tensor.
        package var channels: Int
        /// Side of the square input in pixels.
        package var size: Int

        package init(channels: Int, size: Int) {
            self.channels = channels
            self.size = size
        }
    }

    package struct Features: Sendable, Hashable, Codable {
        package var channels: Int

        package init(channels: Int) {
            self.channels = channels
        }
    }

    /// An id of `ArchitectureRegistry`.
    package var architecture: String
    package var modality: String
    package var encoding: Encoding
    package var input: Input
    /// The classes in the order of the logits; empty: no head.
    package var classes: [String]
    package var features: Features

    /// Describes a network of a registered architecture.
    ///
    /// - Throws: `NetworkError.unknownArchitecture`.
    package init(
        architecture: String, modality: String, encoding: Encoding, input: Input, classes: [String]
    ) throws {
        let known = try ArchitectureRegistry.architecture(architecture)
        self.architecture = architecture
        self.modality = modality
        self.encoding = encoding
        self.input = input
        self.classes = classes
        features = Features(channels: known.featureChannels)
    }

    /// Appends the network behind an encoded input `[batch, input.channels, height, width]`.
    ///
    /// - Throws: `NetworkError`, also where the channels are not those described.
    package func build(
        into graph: inout Graph, encoded input: Value, training: Bool
    ) throws -> NetworkTaps {
        let shape = graph.shape(of: input)
        guard shape.rank == 4, shape[1] == self.input.channels else {
            throw NetworkError(
                .input, context: architecture,
                "expects [batch, \(self.input.channels), height, width] from encoding "
                    + "`\(encoding.name)`, got \(shape)")
        }
        return try ArchitectureRegistry.architecture(architecture).build(
            into: &graph, input: input,
            options: BuildOptions(
                classes: classes.isEmpty ? nil : classes.count, training: training))
    }
}
