package import Graphs
import Tensors

/// CC: samples are correlated with one another as the teacher has them.
///
/// - `form = "kernel"`, the paper's: `|C_s - C_t|^2 / B^2`, the squared Frobenius norm, with
///   `C = e^{-2g} sum_{p<=P} (2g)^p / p! (ehat ehat^T)^p`, the Taylor series of a Gaussian kernel of normalised
///   embeddings, powers element by element.
/// - `form = "successive"`, the authors of RepDistiller's: `mean_i sum_d |D_i,d| |D_i+1,d|` over the B - 1
///   successive samples, `D = e_s - P e_t` without normalisation; it needs one width, so a student of another
///   width gets a trained linear projector to the teacher's.
/// - Shapes: `[batch, channels]`, or maps, which are averaged over their positions.
/// - Parameters: `form`, kernel; `gamma` g, 0.4, and `order` P, 2, of the kernel.
/// - The usual weight is high: rectified embeddings have cosines near 1, so the kernels of both sides differ little, and
///   with the 0.02 of RepDistiller a student learns nothing by this alone.
/// - Throws: `ObjectiveError.shape` for a batch of one.
/// - Reference: Peng et al. 2019 (ICCV), 1904.01802; `Correlation` in RepDistiller.
package struct CorrelationCongruence: Objective {
    package static let knowledge = Knowledge.relation
    package static let method = "correlation-congruence"
    package static let summary = "correlations between samples (CC)"
    package static let usualWeight = 200.0

    package enum Form: String, Sendable, CaseIterable {
        case kernel, successive
    }

    package let taps: (student: String, teacher: String)
    package let form: Form
    package let gamma: Double
    package let order: Int

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "pooled")
        let name = try parameters.text(
            "form", default: Form.kernel.rawValue, among: Form.allCases.map(\.rawValue))
        form = Form(rawValue: name) ?? .kernel
        gamma = try parameters.positive("gamma", default: 0.4)
        order = try parameters.integer("order", default: 2, in: 1...16)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let student = try graph.pooledEmbedding(context.student(taps.student, in: graph))
        let teacher = try graph.pooledEmbedding(context.teacher(taps.teacher, in: &graph))
        try graph.checkBatch(student, teacher)
        switch form {
        case .kernel:
            let difference = try graph.subtract(
                kernel(student, in: &graph), kernel(teacher, in: &graph))
            return try graph.reduce(
                .mean, graph.square(difference), axes: [0, 1], keepDimensions: false)
        case .successive:
            return try successive(student, teacher, in: &graph)
        }
    }

    /// The series by Horner's rule: `1 + 2g x / 1 (1 + 2g x / 2 (1 + ...))`.
    private func kernel(_ x: Value, in graph: inout Graph) throws -> Value {
        let cosines = try graph.cosineMatrix(x)
        var series: Value?
        for power in stride(from: order, through: 1, by: -1) {
            let scaled = try graph.affine(cosines, scale: 2 * gamma / Double(power), offset: 0)
            let term = try series.map { try graph.multiply(scaled, $0) } ?? scaled
            series = try graph.affine(term, scale: 1, offset: 1)
        }
        guard let series else { return cosines }
        let scale = Unary.Function.exp(-2 * gamma)
        return try graph.affine(series, scale: scale, offset: 0)
    }

    private func successive(
        _ student: Value, _ teacher: Value, in graph: inout Graph
    ) throws -> Value {
        let aligned = try graph.projectedIfNeeded(student, like: teacher)
        let distances = try graph.absolute(graph.subtract(aligned, teacher))
        // The next sample's row beside each; beside the last, zeros.
        let following = try graph.slice(distances, axis: 0, start: 1)
        let last = try graph.affine(
            graph.slice(distances, axis: 0, start: -1), scale: 0, offset: 0)
        let shifted = try graph.concatenate([following, last], axis: 0)
        let sum = try graph.reduce(
            .sum, graph.multiply(distances, shifted), axes: [0, 1], keepDimensions: false)
        // The B - 1 successive samples are counted in the graph, which may be bound to another batch.
        let ones = try graph.affine(
            graph.stopGradient(graph.reduce(.mean, following, axes: [1], keepDimensions: false)),
            scale: 0, offset: 1)
        let count = try graph.reduce(.sum, ones, axes: [0], keepDimensions: false)
        return try graph.divide(sum, count)
    }
}
