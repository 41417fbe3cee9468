package import Graphs
import Tensors

/// How much a sample counts, by how sure the teacher is of it.
///
/// `w = max(floor, max_k softmax(z_t)_k)`. Losses are weighted means, so the gate moves weight between
/// samples and leaves the size of the loss.
/// - Reference: C2KD (CVPR 2024): soft labels of misaligned samples hurt.
package struct ConfidenceGate: Sendable, Hashable {
    /// The least weight, in (0, 1]; 1: all samples count alike.
    package var floor: Double

    /// - Throws: `ObjectiveError.parameter`.
    package init(floor: Double = 0.2) throws {
        guard floor > 0, floor <= 1 else {
            throw ObjectiveError(
                .parameter, context: "confidence gate",
                "the floor is \(floor), expected a number above 0 and up to 1")
        }
        self.floor = floor
    }

    /// - Shapes: `[batch, classes]` to `[batch]`.
    package func weights(logits: Value, in graph: inout Graph) throws -> Value {
        let finite = try graph.finiteLogits(graph.stopGradient(logits))
        let probabilities = try graph.softmax(finite, axis: 1)
        let largest = try graph.reduce(.maximum, probabilities, axes: [1], keepDimensions: false)
        return try graph.clip(largest, minimum: floor, maximum: 1)
    }
}
