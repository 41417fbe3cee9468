package import Graphs
import Tensors

/// The direction of the teacher's features at each position, measured from their mean.
///
/// `mean_b,y,x [1 - cos(P f_s, (f_t - mean) / std)]`: P is a trained 1x1 convolution to the teacher's
/// width, mean and std are the teacher's per channel over the data set. Without centring the cosine is
/// greatest for a student that always answers the mean. Maps of different size are pooled to the smaller
/// one; where sizes do not divide or the modalities are not registered, only the means are compared.
/// - Shapes: maps `[batch, channels, height, width]` or vectors `[batch, channels]` on either side.
/// - Reference: Gupta, Hoffman, Malik 2016, 1507.00448, for the mid-level map across modalities.
package struct CentredCosine: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "centred-cosine"
    package static let summary =
        "cosine to the teacher's standardised features, position by position"
    package static let usualWeight = 10.0

    package let taps: (student: String, teacher: String)

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "features")
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        let tap = teacherTap(registered: registered)
        return ObjectiveRequirements(
            [TapPair(student: taps.student, teacher: tap)], statistics: true)
    }

    /// Not registered, the mean is all that is compared, and it is smaller to keep.
    private func teacherTap(registered: Bool) -> String {
        taps.teacher == "features" && !registered ? "pooled" : taps.teacher
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let tap = teacherTap(registered: context.registered)
        var student = try graph.asMap(context.student(taps.student, in: graph))
        var teacher = try graph.asMap(context.teacher(tap, in: &graph))
        let alignment = SpatialAlignment(
            student: graph.shape(of: student), teacher: graph.shape(of: teacher),
            registered: context.registered)
        (student, teacher) = try alignment.apply(student: student, teacher: teacher, in: &graph)
        teacher = try context.standardize(teacher, tap: tap, in: &graph)
        let projected = try Projection.linear.apply(
            student, to: graph.shape(of: teacher)[1], in: &graph)
        graph.label(projected, "projected")
        let cosine = try cosine(projected, teacher, in: &graph)
        let perSample = try graph.reduce(.mean, cosine, axes: [1, 2], keepDimensions: false)
        let mean = try graph.mean(perSample, weights: context.sampleWeights)
        return try graph.affine(mean, scale: -1, offset: 1)
    }

    /// `[batch, height, width]`.
    private func cosine(_ a: Value, _ b: Value, in graph: inout Graph) throws -> Value {
        func sum(_ x: Value, _ graph: inout Graph) throws -> Value {
            try graph.reduce(.sum, x, axes: [1], keepDimensions: false)
        }
        let product = try sum(graph.multiply(a, b), &graph)
        let scale = try graph.multiply(
            graph.inverseSquareRoot(sum(graph.square(a), &graph)),
            graph.inverseSquareRoot(sum(graph.square(b), &graph)))
        return try graph.multiply(product, scale)
    }
}
