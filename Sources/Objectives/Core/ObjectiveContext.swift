package import Graphs
package import Tensors

/// Mean and standard deviation per channel of a teacher's tensor over the data set.
package enum TeacherStatistics: Sendable, Hashable {
    /// The tensor comes standardised already.
    case standardized
    /// `[channels]` each, inputs or states of the graph.
    case values(mean: Value, deviation: Value)
}

/// What an objective finds in the graph.
package struct ObjectiveContext: Sendable {
    /// Under which scope the student's labels lie: `student` for `student.logits`; empty: none.
    package var studentScope: String
    /// The teacher's tensors by tap, inputs or live nodes.
    package var teacher: [String: Value]
    /// Statistics of the teacher's tensors by tap.
    package var statistics: [String: TeacherStatistics]
    /// `[batch, classes]`, one-hot; a row of zeros is a sample without a label.
    package var labels: Value?
    /// `[batch]`, not negative: how much each sample counts in objectives that are means over samples.
    package var sampleWeights: Value?
    /// Whether a pixel of one modality is the same point in the other.
    package var registered: Bool
    /// `[batch]`, the place of each sample in the run's list, 0..<`sampleCount`, as whole numbers: what a
    /// memory is indexed by.
    package var sampleIndices: Value?
    /// `[n]`, places drawn uniformly from 0..<`sampleCount`, see `NegativeSampling`.
    package var negatives: Value?
    /// How many samples the run learns from; 0: not known.
    package var sampleCount = 0

    package init(
        studentScope: String = "", teacher: [String: Value] = [:],
        statistics: [String: TeacherStatistics] = [:], labels: Value? = nil,
        sampleWeights: Value? = nil, registered: Bool = true
    ) {
        self.studentScope = studentScope
        self.teacher = teacher
        self.statistics = statistics
        self.labels = labels
        self.sampleWeights = sampleWeights
        self.registered = registered
    }

    /// The student's value at a tap.
    ///
    /// - Throws: `ObjectiveError.unknownTap` with the nearest names.
    package func student(_ tap: String, in graph: Graph) throws -> Value {
        let prefix = studentScope.isEmpty ? "" : studentScope + "."
        do {
            return try graph.value(named: prefix + tap)
        } catch let error as GraphError {
            let hint = error.message.split(separator: ";").dropFirst().joined(separator: ";")
            throw ObjectiveError(
                .unknownTap,
                "the student has no tap `\(tap)`" + (hint.isEmpty ? "" : ";\(hint)")
                    + ObjectiveContext.listHint(tap))
        }
    }

    /// The teacher's value at a tap, through which no gradient flows.
    ///
    /// - Throws: `ObjectiveError.missing` naming what there is.
    package func teacher(_ tap: String, in graph: inout Graph) throws -> Value {
        guard let value = teacher[tap] else {
            let known = teacher.keys.sorted().joined(separator: ", ")
            throw ObjectiveError(
                .missing,
                "needs the teacher's `\(tap)`; "
                    + (known.isEmpty ? "no tensor of a teacher is given" : "given are \(known)")
                    + ObjectiveContext.listHint(tap))
        }
        if graph.node(of: value).operation is Input { return value }
        return try graph.stopGradient(value)
    }

    /// What is said of a list of taps that a method took for one name.
    private static func listHint(_ tap: String) -> String {
        tap.contains(",") ? "; this method compares one tap a side, not a list" : ""
    }

    /// The input of the batch's places in the run's list of samples.
    package static let sampleIndexInput = "sample.index"
    /// The input of drawn places.
    package static let negativesInput = "sample.negatives"

    /// Declares the inputs `teacher.TAP`, `teacher.TAP.mean` and `.std` where statistics are needed, and
    /// `sample.index` and `sample.negatives` where memories are kept.
    ///
    /// - Parameters:
    ///   - shapes: the shape of each tap, `[batch, ...]`.
    ///   - samples: how many samples the run learns from; 0: not known, then no memory can be kept.
    /// - Returns: a context that has them.
    /// - Throws: `ObjectiveError.missing` for a tap without a shape.
    package static func declaringInputs(
        for requirements: ObjectiveRequirements, shapes: [String: Shape], samples: Int = 0,
        in graph: inout Graph
    ) throws -> ObjectiveContext {
        var context = ObjectiveContext()
        context.sampleCount = samples
        if requirements.sampleIndices, samples > 0, let batch = shapes.values.first?[0] {
            context.sampleIndices = try graph.input(Self.sampleIndexInput, [batch])
            if requirements.negatives > 0 {
                context.negatives = try graph.input(
                    Self.negativesInput, [min(requirements.negatives, samples)])
            }
        }
        for tap in requirements.teacher.union(requirements.statistics).sorted() {
            guard let shape = shapes[tap] else {
                let known = shapes.keys.sorted().joined(separator: ", ")
                throw ObjectiveError(
                    .missing, "an objective needs the teacher's `\(tap)`; the teacher has \(known)")
            }
            context.teacher[tap] = try graph.input("teacher.\(tap)", shape)
            guard requirements.statistics.contains(tap), shape.rank >= 2 else { continue }
            context.statistics[tap] = .values(
                mean: try graph.input("teacher.\(tap).mean", [shape[1]]),
                deviation: try graph.input("teacher.\(tap).std", [shape[1]]))
        }
        return context
    }
}
