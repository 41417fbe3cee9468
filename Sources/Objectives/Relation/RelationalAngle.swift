package import Graphs
import Tensors

/// RKD's angles: the angles between the lines from each sample to all pairs of others.
///
/// `mean_ijk huber(c_s,ijk - c_t,ijk)` over all B^3 triplets, `c_ijk = cos(e_j - e_i, e_k - e_i)`,
/// huber(x) = x^2 / 2 for |x| < 1, else |x| - 1/2. Equal samples make no angle: their cosine counts as 0. The
/// triplets are gone through sample by sample on the Gram matrices, so that memory is B^2. The paper adds it
/// at weight 50 to the distances at weight 25.
/// - Shapes: `[batch, channels]`, or maps, which are averaged over their positions; widths may differ.
/// - Throws: `ObjectiveError.shape` for a batch of one.
/// - Reference: Park et al. 2019, 1904.05068.
package struct RelationalAngle: Objective {
    package static let knowledge = Knowledge.relation
    package static let method = "angle"
    package static let summary = "angles between triplets of samples (RKD)"
    package static let usualWeight = 50.0

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
        return try graph.angleDifference(
            gram(student, in: &graph), gram(teacher, in: &graph))
    }

    /// Angles do not see where the origin lies; from the mean on, differences of products lose least.
    private func gram(_ x: Value, in graph: inout Graph) throws -> Value {
        let mean = try graph.reduce(.mean, x, axes: [0], keepDimensions: true)
        let centred = try graph.subtract(x, mean)
        return try graph.multiplyMatrices(centred, centred, transposeRight: true)
    }
}
