import Graphs
import Tensors

/// Trained linear layers that bring embeddings to a width.
extension Graph {
    /// `x W^T + b` with the trained states `NAME.weight` and `NAME.bias`.
    ///
    /// - Shapes: `[batch, channels]` to `[batch, outputs]`; W `[outputs, channels]`.
    mutating func linear(_ x: Value, _ name: String, outputs: Int) throws -> Value {
        let channels = shape(of: x)[1]
        let (weight, bias) = try scoped(name) { graph in
            (
                try graph.state(
                    "weight", [outputs, channels], role: .parameter, initializer: .uniformFanIn,
                    decays: true),
                try graph.state("bias", [outputs], role: .parameter, initializer: .constant(0))
            )
        }
        return try add(multiplyMatrices(x, weight, transposeRight: true), bias)
    }

    /// The student's embedding at the teacher's width: itself where the widths agree, else through a trained
    /// linear layer called `projector`, labelled `projected`.
    ///
    /// - Shapes: `[batch, student's channels]` to `[batch, teacher's channels]`.
    mutating func projectedIfNeeded(_ student: Value, like teacher: Value) throws -> Value {
        let width = shape(of: teacher)[1]
        guard shape(of: student)[1] != width else { return student }
        let projected = try linear(student, "projector", outputs: width)
        label(projected, "projected")
        return projected
    }

    /// Refuses a student and a teacher of different batches; a batch of one is welcome.
    func checkBatchesAgree(_ student: Value, _ teacher: Value) throws {
        let (first, second) = (shape(of: student)[0], shape(of: teacher)[0])
        guard first == second else {
            throw ObjectiveError(
                .shape, "the student's batch is \(first), the teacher's \(second)")
        }
    }
}
