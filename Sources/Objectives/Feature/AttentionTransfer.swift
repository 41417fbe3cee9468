package import Graphs
import Tensors

/// Where in the image the features are strong.
///
/// `mean (q_s - q_t)^2`, q the L2-normalised flattened map `mean_c F^2`; the larger map is pooled first.
/// - Shapes: maps `[batch, channels, height, width]`; channels may differ.
/// - Reference: Zagoruyko and Komodakis 2016, 1612.03928.
package struct AttentionTransfer: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "attention-transfer"
    package static let summary = "maps of where the features are strong"

    package let taps: (student: String, teacher: String)

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "features")
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        guard context.registered else {
            throw ObjectiveError(
                .unregistered,
                "compares positions, but the data set's modalities are not registered; choose "
                    + "feature/centred-cosine or a relation")
        }
        var student = try context.student(taps.student, in: graph)
        var teacher = try context.teacher(taps.teacher, in: &graph)
        let shapes = (student: graph.shape(of: student), teacher: graph.shape(of: teacher))
        guard shapes.student.rank == 4, shapes.teacher.rank == 4 else {
            throw ObjectiveError(
                .shape,
                "expects maps [batch, channels, height, width], got \(shapes.student) of the student "
                    + "and \(shapes.teacher) of the teacher")
        }
        let alignment = SpatialAlignment(
            student: shapes.student, teacher: shapes.teacher, registered: true)
        guard alignment != .meansOnly else {
            throw ObjectiveError(
                .shape,
                "the student's map \(shapes.student) and the teacher's \(shapes.teacher) have sizes "
                    + "that do not divide; choose other taps or another input size")
        }
        (student, teacher) = try alignment.apply(student: student, teacher: teacher, in: &graph)
        let difference = try graph.subtract(
            attention(student, in: &graph), attention(teacher, in: &graph))
        let perSample = try graph.reduce(
            .mean, graph.square(difference), axes: [1], keepDimensions: false)
        return try graph.mean(perSample, weights: context.sampleWeights)
    }

    private func attention(_ map: Value, in graph: inout Graph) throws -> Value {
        let strength = try graph.reduce(.mean, graph.square(map), axes: [1], keepDimensions: false)
        return try graph.normalizeRows(graph.flatten(strength))
    }
}
