/// The nodes of a model: what `models show` lists.
package struct ShowModelLayers: ControlRequest {
    package typealias Reply = ModelLayersReply
    package var name: String
    package init(_ name: String) { self.name = name }
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "models", name, "layers"] }
}

/// A node of a model, for one picture of the model's own size.
package struct ModelLayer: Codable, Sendable, Equatable {
    package var name: String
    package var operation: String
    /// Of its first result, `[1, ...]`.
    package var shape: [Int]
    /// Elements of the parameters that it is the first to read.
    package var parameters: Int64
    /// Multiplications with an addition.
    package var multiplyAdds: Int64
    /// The names by which a recipe can tap it, the handiest first; empty: it cannot be tapped.
    package var taps: [String]

    package init(
        name: String, operation: String, shape: [Int], parameters: Int64 = 0,
        multiplyAdds: Int64 = 0, taps: [String] = []
    ) {
        self.name = name
        self.operation = operation
        self.shape = shape
        self.parameters = parameters
        self.multiplyAdds = multiplyAdds
        self.taps = taps
    }

    private enum CodingKeys: String, CodingKey {
        case name, operation, shape, parameters, taps
        case multiplyAdds = "multiply_adds"
    }
}

package struct ModelLayersReply: Codable, Sendable, Equatable {
    /// In the order of computation; empty for a model made before layers were kept.
    package var layers: [ModelLayer]

    package init(layers: [ModelLayer]) {
        self.layers = layers
    }
}
