import Graphs
import Tensors

/// What several objectives are made of.
extension Graph {
    /// The mean over the samples, weighted if there are weights: `sum w x / sum w`.
    ///
    /// - Shapes: `[batch]` and `[batch]` to a scalar.
    mutating func mean(_ perSample: Value, weights: Value?) throws -> Value {
        guard let weights else {
            return try reduce(.mean, perSample, axes: [0], keepDimensions: false)
        }
        let sum = try reduce(.sum, multiply(weights, perSample), axes: [0], keepDimensions: false)
        let total = try reduce(.sum, weights, axes: [0], keepDimensions: false)
        return try divide(sum, atLeast(total, 1e-12))
    }

    /// `max(x, minimum)`, with no gradient where it is raised.
    mutating func atLeast(_ x: Value, _ minimum: Double) throws -> Value {
        try clip(x, minimum: minimum)
    }

    /// `1 / sqrt(max(x, floor))`: an inverse length that is finite, with its gradient, at zero.
    mutating func inverseSquareRoot(_ x: Value, floor: Double = 1e-12) throws -> Value {
        try reciprocal(squareRoot(atLeast(x, floor)))
    }

    /// The rows divided by their Euclidean length; a row of zeros stays.
    ///
    /// - Shapes: `[batch, dimensions]` to the same.
    mutating func normalizeRows(_ x: Value) throws -> Value {
        let squares = try reduce(.sum, square(x), axes: [1], keepDimensions: true)
        return try multiply(x, inverseSquareRoot(squares))
    }

    /// All cosines between rows.
    ///
    /// - Shapes: `[batch, dimensions]` to `[batch, batch]`.
    mutating func cosineMatrix(_ x: Value) throws -> Value {
        let rows = try normalizeRows(x)
        return try multiplyMatrices(rows, rows, transposeRight: true)
    }

    /// The identity matrix of a square matrix's size, whatever batch the graph is bound to.
    ///
    /// A column of ones behind n columns of zeros, read as n + 1 rows of n: row i + 1 has its one in
    /// column i, so that the rows after the first are the identity.
    /// - Shapes: `[batch, batch]` to the same.
    mutating func identity(like x: Value) throws -> Value {
        let x = try stopGradient(x)
        let zeros = try greater(x, x)
        let ones = try affine(
            reduce(.maximum, zeros, axes: [1], keepDimensions: true), scale: 0, offset: 1)
        let rows = try concatenate([zeros, ones], axis: 1)
        return try slice(reshape(rows, [.copy(1), .copy(0)]), axis: 0, start: 1)
    }

    /// `KL(softmax(t) || softmax(s))` of each row, through log-softmax alone, so that nothing overflows.
    ///
    /// - Shapes: `[batch, classes]` twice to `[batch]`.
    mutating func divergence(teacher: Value, student: Value) throws -> Value {
        let teacher = try logSoftmax(teacher, axis: 1)
        let student = try logSoftmax(student, axis: 1)
        let terms = try multiply(exponential(teacher), subtract(teacher, student))
        return try reduce(.sum, terms, axes: [1], keepDimensions: false)
    }

    /// A tap as one vector for each sample: maps are averaged over their positions. Infinite values become
    /// ±1e6, so that products and lengths stay numbers.
    ///
    /// - Shapes: `[batch, channels, height, width]` or `[batch, channels]` to `[batch, channels]`.
    mutating func pooledEmbedding(_ x: Value) throws -> Value {
        let shape = shape(of: x)
        switch shape.rank {
        case 2: return try finiteEmbedding(x)
        case 4:
            return try finiteEmbedding(reduce(.mean, x, axes: [2, 3], keepDimensions: false))
        default:
            throw ObjectiveError(
                .shape,
                "expects [batch, channels] or [batch, channels, height, width], got \(shape)")
        }
    }

    /// Values within ±1e6.
    mutating func finiteEmbedding(_ x: Value) throws -> Value {
        try clip(x, minimum: -1e6, maximum: 1e6)
    }

    /// Refuses logits that cannot be compared.
    func checkLogits(student: Value, teacher: Value) throws {
        let student = shape(of: student)
        let teacher = shape(of: teacher)
        guard student.rank == 2, teacher.rank == 2 else {
            throw ObjectiveError(
                .shape,
                "expects logits [batch, classes], got \(student) of the student and \(teacher) of the "
                    + "teacher")
        }
        guard student == teacher else {
            throw ObjectiveError(
                .shape,
                "the student has \(student[1]) classes for a batch of \(student[0]), the teacher "
                    + "\(teacher[1]) for \(teacher[0]); give the student the teacher's classes")
        }
        guard student[1] > 1 else {
            throw ObjectiveError(
                .shape, "one class alone has nothing to tell; expected two or more")
        }
    }

    /// Refuses a batch of one, in which nothing relates to anything.
    func checkBatch(_ value: Value, _ other: Value) throws {
        let first = shape(of: value)[0]
        let second = shape(of: other)[0]
        guard first == second else {
            throw ObjectiveError(
                .shape, "the student's batch is \(first), the teacher's \(second)")
        }
        guard first > 1 else {
            throw ObjectiveError(
                .shape, "a batch of one has no relations; use at least two samples a batch")
        }
    }
}
