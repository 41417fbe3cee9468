import Graphs
import Tensors

/// The map from a student's channels to its teacher's: trained with the student, kept with the run, not
/// part of the exported student.
///
/// Recipes choose it by the parameter `projector`.
enum Projection: String, Sendable, CaseIterable {
    /// `linear` where the channels differ, else `identity`.
    case automatic
    /// Nothing; the channels must agree.
    case identity
    /// A 1x1 convolution with bias.
    case linear
    /// A 1x1 convolution and batch normalisation.
    case normalized
    /// A 1x1 convolution, batch normalisation and a rectifier.
    case rectified
    /// Three 1x1 convolutions with rectifiers between.
    case perceptron

    /// Reads the parameter `projector`.
    static func read(
        _ parameters: inout ObjectiveParameters, default fallback: Projection
    ) throws -> Projection {
        let text = try parameters.text(
            "projector", default: fallback.rawValue, among: allCases.map(\.rawValue))
        return Projection(rawValue: text) ?? fallback
    }

    /// - Shapes: `[batch, channels, height, width]` to `[batch, width, height, width]`.
    /// - Throws: `ObjectiveError.shape` for channels that differ without a projector, or too few values to
    ///   normalise.
    func apply(_ x: Value, to width: Int, in graph: inout Graph) throws -> Value {
        let channels = graph.shape(of: x)[1]
        switch self {
        case .automatic:
            let choice = channels == width ? Projection.identity : .linear
            return try choice.apply(x, to: width, in: &graph)
        case .identity:
            guard channels == width else {
                throw ObjectiveError(
                    .shape,
                    "the student's map has \(channels) channels, the teacher's \(width), and "
                        + "projector = \"identity\" leaves them so; choose projector = \"linear\"")
            }
            return x
        case .linear:
            return try graph.trainedConvolution("projector", x, outputs: width, bias: true)
        case .normalized:
            return try graph.normalizedConvolution("projector", x, outputs: width)
        case .rectified:
            return try graph.rectify(
                graph.normalizedConvolution("projector", x, outputs: width))
        case .perceptron:
            return try graph.scoped("projector") { graph in
                var y = try graph.trainedConvolution("0", x, outputs: width)
                y = try graph.trainedConvolution("1", graph.rectify(y), outputs: width)
                return try graph.trainedConvolution("2", graph.rectify(y), outputs: width)
            }
        }
    }
}

/// Layers that belong to an objective.
extension Graph {
    /// A trained convolution that keeps the size.
    ///
    /// - Shapes: `[batch, channels, height, width]` to `[batch, outputs, height, width]`.
    mutating func trainedConvolution(
        _ name: String, _ x: Value, outputs: Int, kernel: Int = 1, groups: Int = 1,
        bias: Bool = false
    ) throws -> Value {
        let channels = shape(of: x)[1]
        let (weight, offset): (Value, Value?) = try scoped(name) { graph in
            (
                try graph.state(
                    "weight", [outputs, channels / groups, kernel, kernel], role: .parameter,
                    initializer: .uniformFanIn, decays: true),
                bias
                    ? try graph.state(
                        "bias", [outputs], role: .parameter, initializer: .constant(0)) : nil
            )
        }
        return try convolve(
            x, weight: weight, bias: offset, padding: Padding((kernel - 1) / 2), groups: groups,
            name: name)
    }

    /// A trained convolution without bias and batch normalisation with the batch's own statistics.
    mutating func normalizedConvolution(
        _ name: String, _ x: Value, outputs: Int, kernel: Int = 1
    ) throws -> Value {
        let y = try trainedConvolution(name, x, outputs: outputs, kernel: kernel)
        let (scale, offset) = try scoped("\(name).normalization") {
            try $0.normalizationParameters(of: y)
        }
        return try normalizeBatch(y, scale: scale, offset: offset).y
    }

    /// Declares the scale and offset of a batch normalisation.
    ///
    /// - Throws: `ObjectiveError.shape` for one value a channel, which has no variance.
    mutating func normalizationParameters(of x: Value) throws -> (scale: Value, offset: Value) {
        let shape = shape(of: x)
        guard shape.count > shape[1] else {
            throw ObjectiveError(
                .shape,
                "batch normalisation needs more than one value a channel, but sees \(shape); use a "
                    + "larger batch or larger maps")
        }
        return (
            try state("weight", [shape[1]], role: .parameter, initializer: .constant(1)),
            try state("bias", [shape[1]], role: .parameter, initializer: .constant(0))
        )
    }
}
