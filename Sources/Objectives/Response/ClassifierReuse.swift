package import Graphs
import Tensors

/// SimKD: the student learns the map before the teacher's classifier and then uses that classifier.
///
/// `mean (P(F_s) - F_t)^2`; the finished student answers `classifier_t(mean over positions of P(F_s))`.
/// Unlike other projectors P belongs to the exported student: `ReuseProjector` builds it with
/// running statistics instead of the batch's. Maps of different size are averaged to the smaller; where the
/// modalities are not registered, only the means over all positions are compared.
/// - Shapes: maps `[batch, channels, height, width]`; the student's width is arbitrary.
/// - Parameters: `projector`: `bottleneck` (1x1 to 1/`factor` of the teacher's width, 3x3, 1x1, each with
///   batch normalisation and a rectifier), `linear` (1x1 with bias) or `identity`; `factor` 2;
///   `depthwise`, false: whether the 3x3 convolution filters each channel alone.
/// - Reference: Chen et al. 2022, 2203.14001.
package struct ClassifierReuse: Objective {
    package static let knowledge = Knowledge.response
    package static let method = "classifier-reuse"
    package static let summary =
        "the map before the teacher's classifier, which becomes the student's (SimKD)"
    package static let usualWeight = 100.0

    package let taps: (student: String, teacher: String)
    package let projector: ReuseProjector

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "features")
        projector = try ReuseProjector(&parameters)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        var requirements = ObjectiveRequirements([
            TapPair(student: taps.student, teacher: teacherTap(registered: registered))
        ])
        requirements.reusesClassifier = true
        return requirements
    }

    /// Not registered, the mean is all that is compared, and it is smaller to keep.
    package func teacherTap(registered: Bool) -> String {
        taps.teacher == "features" && !registered ? "pooled" : taps.teacher
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let pair = TapPair(
            student: taps.student, teacher: teacherTap(registered: context.registered))
        let (student, teacher) = try context.maps(pair, in: &graph)
        let projected = try projector.apply(
            to: student, width: graph.shape(of: teacher)[1], training: true, in: &graph)
        graph.label(projected, "projected")
        return try graph.mean(
            graph.squaredDifference(projected, teacher), weights: context.sampleWeights)
    }
}
