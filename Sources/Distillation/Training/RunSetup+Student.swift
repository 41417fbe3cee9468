import Batching
import Foundation
import Graphs
import Modalities
import Networks
import Objectives
import Tensors

/// What the student becomes beside its architecture.
extension RunSetup {
    /// The classes in the order of the finished student's logits; empty: it has none.
    var classes: [String] {
        reused == nil ? descriptor.classes : teacher?.document.classes ?? []
    }

    /// The student's encoding in words, with the focal length where the data set gave one.
    var encodingSummary: String {
        guard let focal = descriptor.encoding.focal else { return descriptor.encoding.name }
        func text(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        func degrees(_ value: Double) -> Int {
            Int((2 * atan(0.5 / value) * 180 / .pi).rounded())
        }
        return "\(descriptor.encoding.name), focal length \(text(focal.x)) widths and "
            + "\(text(focal.y)) heights of a picture (\(degrees(focal.x)) x \(degrees(focal.y)) degrees)"
    }

    /// Channels of the finished student's last map.
    var featureChannels: Int { reused?.description.reads[0] ?? descriptor.features.channels }

    /// The finished student for one image.
    func inferenceGraph() throws -> Graph {
        var graph = Graph()
        let size = descriptor.input.size
        let input = try graph.input(descriptor.modality, [1, plugin.channels, size, size])
        let encoded = try graph.encode(input, with: plugin, encoding: descriptor.encoding)
        _ = try descriptor.build(into: &graph, encoded: encoded, training: false)
        if let reused { _ = try reused.description.complete(&graph) { _ in reused.graph } }
        return graph
    }

    /// Cuts the classifier off the teacher where an objective gives it to the student.
    ///
    /// - Throws: `DistillationError` where teacher and objectives do not allow it.
    static func reusedClassifier(
        _ objectives: ObjectiveSet, registered: Bool, descriptor: NetworkDescriptor,
        teacher: LoadedModel?, network: TeacherNetwork?
    ) throws -> (description: ReusedClassifier, graph: Graph)? {
        let found = objectives.objectives.compactMap { $0 as? ClassifierReuse }
        guard let objective = found.first, let teacher, let network else { return nil }
        let wantsLogits = objectives.objectives.filter {
            $0.requirements(registered: registered).student.contains("logits")
        }
        guard found.count == 1, wantsLogits.isEmpty else {
            let others = (found.count > 1 ? ["a second one"] : []) + wantsLogits.map(\.name)
            throw DistillationError(
                "recipe.classifier",
                "\(objective.name) gives the student the teacher's classifier, which leaves no logits of its "
                    + "own for \(others.joined(separator: ", "))",
                hint: "remove the one or the others from the recipe")
        }
        guard !teacher.document.classes.isEmpty else {
            throw DistillationError(
                "teacher.no_logits",
                "\(objective.name) uses the teacher's classifier, but `\(teacher.document.name)` has none",
                hint: "use feature/hint on the same maps")
        }
        let tap = objective.teacherTap(registered: registered)
        let answers = Dictionary(
            uniqueKeysWithValues: zip(network.fields.map(\.name), network.shapes))
        let student = try descriptor.shapes(of: [objective.taps.student])
        guard let theirs = answers[tap], let ours = student[objective.taps.student] else {
            throw DistillationError("recipe.classifier", "\(objective.name) finds no `\(tap)`")
        }
        /// `[channels]` or `[channels, height, width]`, at the size at which both are compared.
        func side(_ axis: Int) -> Int {
            let own = ours.rank == 3 ? ours[axis] : 1
            return theirs.rank == 3 ? min(own, theirs[axis]) : 1
        }
        let map = [theirs[0], side(1), side(2)]
        var description = ReusedClassifier(
            tap: objective.taps.student, projector: objective.projector, height: map[1],
            width: map[2],
            reads: theirs.rank == 1 ? [map[0]] : map)
        do {
            let graph = try ReusedClassifier.cut(from: teacher, tap: tap, reads: description.reads)
            return (description, graph)
        } catch let error as DistillationError where tap == "pooled" {
            // Of an imported graph the mean is a branch of its own, beside the one that the classifier reads.
            description.reads = map
            guard
                let graph = try? ReusedClassifier.cut(
                    from: teacher, tap: "features", reads: description.reads)
            else { throw error }
            return (description, graph)
        }
    }
}

extension NetworkDescriptor {
    /// The shapes of a network's values for one image of its own size, without the batch.
    ///
    /// - Throws: `GraphError.unknownName` with the nearest names.
    func shapes(of taps: Set<String>) throws -> [String: Shape] {
        var graph = Graph()
        let encoded = try graph.input("encoded", [1, input.channels, input.size, input.size])
        _ = try build(into: &graph, encoded: encoded, training: false)
        var shapes: [String: Shape] = [:]
        for tap in taps {
            let shape = graph.shape(of: try graph.value(named: tap))
            shapes[tap] = Shape(Array(shape.dimensions.dropFirst()))
        }
        return shapes
    }
}
