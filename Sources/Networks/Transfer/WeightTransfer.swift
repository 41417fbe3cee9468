package import Graphs
package import Tensors

/// The beginning of a network taken from another one's weights: a student from its teacher.
package struct WeightTransfer: Sendable {
    /// The states that fit, by name.
    package private(set) var states: [String: Tensor<Float>] = [:]
    /// Names taken over as they are.
    package private(set) var copied: [String] = []
    /// Names taken over in another form: the input kernel and the positions of another grid of patches.
    package private(set) var adapted: [String] = []
    /// Names that keep their own beginning, each with the reason.
    package private(set) var skipped: [(name: String, reason: String)] = []

    /// What transformers call their learned positions.
    private static let positionTable = "pos_embed"

    /// Matches weights to parameters and statistics by name and shape.
    ///
    /// - Parameters:
    ///   - source: the weights of the other network.
    ///   - targets: the states to begin; other roles than parameter and statistic are ignored.
    ///   - inputKernel: the kernel to adapt where the numbers of input channels differ.
    ///   - sharesInputMeaning: false: adapt the kernel even if the numbers agree, because the channels of
    ///     the two networks mean different things.
    package init(
        from source: [String: Tensor<Float>], to targets: [StateDeclaration], inputKernel: String,
        sharesInputMeaning: Bool = true
    ) {
        for target in targets where target.role == .parameter || target.role == .statistic {
            guard let weights = source[target.name] else {
                skipped.append((target.name, "the source has no such weights"))
                continue
            }
            let isInput = target.name == inputKernel
            if weights.shape == target.shape, sharesInputMeaning || !isInput {
                states[target.name] = weights
                copied.append(target.name)
            } else if isInput, WeightTransfer.fits(weights.shape, target.shape) {
                states[target.name] = WeightTransfer.adapting(
                    inputKernel: weights, channels: target.shape[1])
                adapted.append(target.name)
            } else if target.name.hasSuffix(WeightTransfer.positionTable),
                let resampled = PositionTable.resampled(weights, to: target.shape)
            {
                states[target.name] = resampled
                adapted.append(target.name)
            } else {
                skipped.append(
                    (target.name, "the source has shape \(weights.shape), wanted \(target.shape)"))
            }
        }
    }

    /// A kernel for other input channels: the mean over the old ones, so scaled that inputs of equal
    /// size give sums of equal size.
    ///
    /// `w'[o, c, y, x] = (C / C') mean_c w[o, c, y, x]`, C the old and C' the new number of channels.
    /// - Shapes: `[outputs, C, height, width]` to `[outputs, C', height, width]`.
    package static func adapting(inputKernel kernel: Tensor<Float>, channels: Int) -> Tensor<Float>
    {
        precondition(kernel.shape.rank == 4 && channels > 0, "a kernel has four axes")
        let outputs = kernel.shape[0]
        let old = kernel.shape[1]
        let area = kernel.shape[2] * kernel.shape[3]
        var result = Tensor<Float>(
            shape: [outputs, channels, kernel.shape[2], kernel.shape[3]], repeating: 0)
        for output in 0..<outputs {
            for position in 0..<area {
                var sum = 0.0
                for channel in 0..<old {
                    sum += Double(kernel.values[(output * old + channel) * area + position])
                }
                for channel in 0..<channels {
                    result.values[(output * channels + channel) * area + position] = Float(
                        sum / Double(channels))
                }
            }
        }
        return result
    }

    private static func fits(_ source: Shape, _ target: Shape) -> Bool {
        source.rank == 4 && target.rank == 4 && source[0] == target[0]
            && source.dimensions[2...] == target.dimensions[2...]
    }
}
