import Graphs
import Tensors

extension ObjectiveContext {
    /// The logits of student and teacher, checked to fit and finite.
    ///
    /// - Shapes: `[batch, classes]` twice.
    /// - Throws: `ObjectiveError.shape`, `.missing`, `.unknownTap`.
    func logits(
        _ taps: (student: String, teacher: String), in graph: inout Graph
    ) throws -> (student: Value, teacher: Value) {
        let student = try student(taps.student, in: graph)
        let teacher = try teacher(taps.teacher, in: &graph)
        try graph.checkLogits(student: student, teacher: teacher)
        return (try graph.finiteLogits(student), try graph.finiteLogits(teacher))
    }
}

extension Graph {
    /// Logits within ±1e9: a class that is certain or excluded has an infinite logit, of which softmax
    /// would make NaN.
    mutating func finiteLogits(_ logits: Value) throws -> Value {
        try clip(logits, minimum: -1e9, maximum: 1e9)
    }

    /// 1 at the first of the largest elements of each row, else 0.
    ///
    /// - Shapes: `[batch, classes]` to the same.
    mutating func firstOfLargest(_ x: Value) throws -> Value {
        let classes = shape(of: x)[1]
        let largest = try reduce(.maximum, x, axes: [1], keepDimensions: true)
        let order = try constant(
            Tensor(shape: [1, classes], values: (0..<classes).map { Double(classes - $0) }))
        let places = try multiply(equal(x, largest), order)
        let first = try reduce(.maximum, places, axes: [1], keepDimensions: true)
        return try equal(places, first)
    }
}
