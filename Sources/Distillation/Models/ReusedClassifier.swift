import Graphs
import Interchange
import Networks
package import Objectives
import Tensors

/// What stands behind a student that answers with its teacher's classifier: where it reads the student, its
/// projector, and what the classifier takes.
///
/// `logits = classifier(projector(mean of the tap's map over the cells of a grid))`. The projector's weights lie
/// among the student's under `projector.`, the classifier in a file of its own.
/// - Reference: Chen et al. 2022, 2203.14001.
package struct ReusedClassifier: Sendable, Codable, Hashable {
    /// The classifier's graph beside the weights: input `map`, output `logits`.
    package static let fileName = "classifier.onnx"
    static let input = "map"

    /// The student's tap.
    package var tap: String
    package var projector: ReuseProjector
    /// Sides of the grid that the student's map is averaged to.
    package var height: Int
    package var width: Int
    /// What the classifier reads of one image: `[channels, height, width]` or `[channels]`.
    package var reads: [Int]

    /// Completes a student without a head: its taps are then those of the projected map.
    ///
    /// - Parameter classifier: the classifier's graph for an input of the given shape.
    func complete(
        _ graph: inout Graph, classifier: (Shape) throws -> Graph
    ) throws -> NetworkTaps {
        var map = try graph.value(named: tap)
        let shape = graph.shape(of: map)
        if shape.rank == 2 {
            map = try graph.reshape(map, [.copy(0), .copy(1), .size(1), .size(1)])
        }
        map = try graph.averagePool(map, toHeight: height, width: width)
        let features = try projector.apply(
            to: map, width: reads[0], training: false, in: &graph)
        let input = Shape([shape[0]] + reads)
        let answers = try graph.inline(
            try classifier(input),
            inputs: [
                ReusedClassifier.input: reads.count == 1 ? try graph.flatten(features) : features
            ],
            prefix: "classifier")
        guard let logits = answers["logits"] else {
            throw DistillationError(
                "model.damaged", "\(ReusedClassifier.fileName) has no output `logits`",
                hint: "train the model again")
        }
        let pooled = try graph.reduce(.mean, features, axes: [2, 3], keepDimensions: false)
        for (name, value) in [("features", features), ("pooled", pooled), ("logits", logits)] {
            graph.label(value, name)
        }
        return NetworkTaps(features: features, pooled: pooled, logits: logits)
    }

    /// Cuts the classifier off a teacher: what it computes between a tap and its logits.
    ///
    /// - Parameter reads: the shape of one image's map, with which the classifier must work.
    /// - Throws: `DistillationError` where the logits depend on more than the tap, or the classifier insists on
    ///   maps of another size.
    static func cut(from teacher: LoadedModel, tap: String, reads: [Int]) throws -> Graph {
        let graph = try teacher.inferenceGraph(batch: 1)
        let name = teacher.document.name
        do {
            let tail = try graph.tail(
                from: graph.value(named: tap), input: input, to: graph.value(named: "logits"),
                output: "logits")
            return try tail.rebound(inputs: [input: Shape([1] + reads)])
        } catch let error as GraphError where error.code == .unbound {
            throw DistillationError(
                "recipe.classifier",
                "the classifier of teacher `\(name)` reads more than `\(tap)`: \(error.message)",
                hint:
                    "name the tap that it reads alone in the objective's teacher, such as \"pooled\""
            )
        } catch let error as GraphError where error.code == .shape {
            throw DistillationError(
                "recipe.classifier",
                "the classifier of teacher `\(name)` does not take maps of "
                    + "\(reads.dropFirst().map(String.init).joined(separator: "x")), to which the student's "
                    + "and the teacher's `\(tap)` are averaged: \(error.message)",
                hint: "choose a student.size that gives a larger last map, or another objective")
        }
    }
}
