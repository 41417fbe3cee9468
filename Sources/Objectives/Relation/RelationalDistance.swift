package import Graphs
import Tensors

/// RKD's distances: how far samples lie from one another, relative to the mean distance.
///
/// `mean_ij huber(d_s,ij / mu_s - d_t,ij / mu_t)`, d Euclidean, mu the mean of the distances above zero,
/// huber(x) = x^2 / 2 for |x| < 1, else |x| - 1/2.
/// - Shapes: `[batch, channels]`, or maps, which are averaged over their positions; widths may differ.
/// - Reference: Park et al. 2019, 1904.05068.
package struct RelationalDistance: Objective {
    package static let knowledge = Knowledge.relation
    package static let method = "distance"
    package static let summary = "distances between samples relative to their mean (RKD)"
    package static let usualWeight = 25.0

    package let taps: (student: String, teacher: String)

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "pooled")
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let student = try graph.pooledEmbedding(context.student(taps.student, in: graph))
        let teacher = try graph.pooledEmbedding(context.teacher(taps.teacher, in: &graph))
        try graph.checkBatch(student, teacher)
        let difference = try graph.absolute(
            graph.subtract(distances(student, in: &graph), distances(teacher, in: &graph)))
        let inner = try graph.clip(difference, minimum: 0, maximum: 1)
        let outer = try graph.subtract(difference, inner)
        let loss = try graph.add(
            graph.affine(graph.square(inner), scale: 0.5, offset: 0), outer)
        return try graph.reduce(.mean, loss, axes: [0, 1], keepDimensions: false)
    }

    private func distances(_ x: Value, in graph: inout Graph) throws -> Value {
        let lengths = try graph.reduce(.sum, graph.square(x), axes: [1], keepDimensions: true)
        let products = try graph.multiplyMatrices(x, x, transposeRight: true)
        let sums = try graph.add(lengths, graph.transpose(lengths, [1, 0]))
        let raw = try graph.subtract(sums, graph.affine(products, scale: 2, offset: 0))
        let others = try graph.affine(graph.identity(like: products), scale: -1, offset: 1)
        let squares = try graph.multiply(raw, others)
        // Equal samples have distance zero, where the root has no gradient.
        let apart = try graph.stopGradient(
            graph.greater(squares, graph.constant(1e-12)))
        let roots = try graph.multiply(graph.squareRoot(graph.atLeast(squares, 1e-12)), apart)
        let sum = try graph.reduce(.sum, roots, axes: [0, 1], keepDimensions: false)
        let count = try graph.reduce(.sum, apart, axes: [0, 1], keepDimensions: false)
        let mean = try graph.divide(sum, graph.atLeast(count, 1))
        return try graph.divide(roots, graph.atLeast(mean, 1e-12))
    }
}
