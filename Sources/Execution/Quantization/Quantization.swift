/// What the bytes of a tensor are worth: `value = scale * byte`.
struct ByteScale: Hashable, Sendable {
    /// The value of one step.
    let scale: Float
    /// Bytes are 0...255 where a rectifier has been, else -127...127.
    let isUnsigned: Bool

    /// The greatest byte.
    var limit: Float { isUnsigned ? 255 : 127 }
}

/// The values that the greatest bytes of an inference graph's tensors stand for, by the names of nodes.
///
/// Made by a `Calibrator`. Scales of weights are not part of it: they follow from the weights.
package struct Quantization: Sendable, Hashable, Codable {
    /// Changes when the same ranges would give other answers.
    package static let version = 2

    /// For each node, or the first of several that share a scale, the magnitude that the greatest byte stands for.
    package let limits: [String: Float]

    /// - Precondition: limits are finite and above 0.
    package init(limits: [String: Float]) {
        precondition(limits.values.allSatisfy { $0.isFinite && $0 > 0 }, "\(limits)")
        self.limits = limits
    }

    /// All that answers depend on, in a fixed order.
    package var identity: String {
        let lines = limits.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.bitPattern)" }
        return (["int8 \(Quantization.version)"] + lines).joined(separator: "\n")
    }
}
