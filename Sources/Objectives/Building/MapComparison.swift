import Graphs
import Tensors

/// What the methods share that compare maps position by position.
extension ObjectiveContext {
    /// The maps of a pair at one size: along each side the larger is averaged down to the smaller.
    ///
    /// A vector `[batch, channels]` counts as a map of one position.
    /// - Parameter least: how many positions the method needs.
    /// - Returns: `[batch, channels, height, width]` twice; channels may differ.
    /// - Throws: `ObjectiveError.unregistered` where positions of the two modalities do not correspond,
    ///   `.shape`, `.missing`, `.unknownTap`.
    func maps(
        _ pair: TapPair, positions least: Int = 1, in graph: inout Graph
    ) throws -> (student: Value, teacher: Value) {
        let found = (
            student: try student(pair.student, in: graph),
            teacher: try teacher(pair.teacher, in: &graph)
        )
        let vectors = [found.student, found.teacher].contains { graph.shape(of: $0).rank == 2 }
        guard registered || vectors else {
            throw ObjectiveError(
                .unregistered,
                "compares positions, but the data set's modalities are not registered; choose "
                    + "feature/centred-cosine or a relation, or compare `pooled` with `pooled`")
        }
        let student = try graph.asMap(found.student)
        let teacher = try graph.asMap(found.teacher)
        let shapes = (graph.shape(of: student), graph.shape(of: teacher))
        guard shapes.0[0] == shapes.1[0] else {
            throw ObjectiveError(
                .shape, "the student's batch is \(shapes.0[0]), the teacher's \(shapes.1[0])")
        }
        let height = min(shapes.0[2], shapes.1[2])
        let width = min(shapes.0[3], shapes.1[3])
        guard height * width >= least else {
            throw ObjectiveError(
                .shape,
                "compares how positions differ, but the student's `\(pair.student)` has shape "
                    + "\(shapes.0) and the teacher's `\(pair.teacher)` \(shapes.1); choose taps of "
                    + "at least \(least) positions")
        }
        return (
            try graph.averagePool(student, toHeight: height, width: width),
            try graph.averagePool(teacher, toHeight: height, width: width)
        )
    }

    /// The sum of a loss over pairs of taps, averaged over the samples.
    ///
    /// States of pair i of several lie in the scope `i`; those of a single pair in none.
    /// - Parameter loss: the loss of each sample, `[batch]`.
    func sum(
        over pairs: [TapPair], in graph: inout Graph,
        _ loss: (_ index: Int, _ pair: TapPair, _ graph: inout Graph) throws -> Value
    ) throws -> Value {
        var total: Value?
        for (index, pair) in pairs.enumerated() {
            let perSample =
                pairs.count == 1
                ? try loss(index, pair, &graph)
                : try graph.scoped("\(index)") { try loss(index, pair, &$0) }
            total = try total.map { try graph.add($0, perSample) } ?? perSample
        }
        guard let total else { throw ObjectiveError(.parameter, "names no taps") }
        return try graph.mean(total, weights: sampleWeights)
    }

    /// The teacher's map with mean 0 and deviation 1 in each channel over the data set.
    ///
    /// - Throws: `ObjectiveError.missing` without the statistics.
    func standardize(_ x: Value, tap: String, in graph: inout Graph) throws -> Value {
        guard let (mean, deviation) = try channelStatistics(tap, like: x, in: &graph) else {
            return x
        }
        // A channel that never changes says nothing: its deviation from the mean is zero anyway.
        let scale = try graph.reciprocal(graph.atLeast(deviation, 1e-6))
        return try graph.multiply(graph.subtract(x, mean), scale)
    }

    /// Mean and deviation of the teacher's channels over the data set, `[1, channels, 1, 1]` each; nil:
    /// the tensor comes standardised.
    func channelStatistics(
        _ tap: String, like x: Value, in graph: inout Graph
    ) throws -> (mean: Value, deviation: Value)? {
        guard let known = statistics[tap] else {
            throw ObjectiveError(
                .missing,
                "needs mean and standard deviation of the teacher's `\(tap)` over the data set")
        }
        guard case .values(let mean, let deviation) = known else { return nil }
        let channels = graph.shape(of: x)[1]
        func perChannel(_ value: Value, _ graph: inout Graph) throws -> Value {
            guard graph.shape(of: value) == [channels] else {
                throw ObjectiveError(
                    .shape,
                    "the statistics of the teacher's `\(tap)` have shape \(graph.shape(of: value)), "
                        + "expected [\(channels)]")
            }
            return try graph.reshape(
                graph.stopGradient(value), [.size(1), .size(channels), .size(1), .size(1)])
        }
        return (try perChannel(mean, &graph), try perChannel(deviation, &graph))
    }
}

extension Graph {
    /// A map as it is, a vector `[batch, channels]` as a map of one position.
    mutating func asMap(_ x: Value) throws -> Value {
        let shape = shape(of: x)
        switch shape.rank {
        case 4: return x
        case 2: return try reshape(x, [.copy(0), .copy(1), .size(1), .size(1)])
        default:
            throw ObjectiveError(
                .shape,
                "compares [batch, channels, height, width] or [batch, channels], got \(shape)")
        }
    }

    /// `[batch, channels, height, width]` as `[batch, channels, positions]`.
    mutating func flattenPositions(_ x: Value) throws -> Value {
        try reshape(x, [.copy(0), .copy(1), .infer])
    }

    /// Where a map is strong: its mean square over the channels, of length 1, `[batch, positions]`.
    mutating func attention(_ map: Value) throws -> Value {
        let strength = try reduce(.mean, square(map), axes: [1], keepDimensions: false)
        return try normalizeRows(flatten(strength))
    }

    /// The mean squared difference of each sample, `[batch]`.
    mutating func squaredDifference(_ a: Value, _ b: Value) throws -> Value {
        let squares = try square(subtract(a, b))
        return try reduce(
            .mean, squares, axes: Array(1..<shape(of: a).rank), keepDimensions: false)
    }
}
