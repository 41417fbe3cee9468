package import Graphs

/// A method of distillation: what it needs, and the nodes of its loss.
///
/// To add one: a file in the folder of its knowledge with a struct that conforms, and one line in
/// `ObjectiveRegistry`.
package protocol Objective: Sendable {
    static var knowledge: Knowledge { get }
    /// The name that recipes use within the knowledge, such as `kullback-leibler`.
    static var method: String { get }
    /// One sentence for listings.
    static var summary: String { get }
    /// The weight where a recipe gives none: that of the authors or of the reference implementation, or, where a run
    /// of a few hundred steps hardly learns with it, one that does on the synthetic task.
    static var usualWeight: Double { get }
    /// Whether the loss is a mean over samples, in which the context's sample weights count.
    static var weighsSamples: Bool { get }
    /// Whether the method is about positions, so that means over them leave nothing to compare.
    static var comparesPositions: Bool { get }

    /// Reads the method's parameters; those that nobody reads are refused afterwards.
    ///
    /// - Throws: `ObjectiveError.parameter` for a value that cannot be.
    init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws

    /// What must be there for `add`, so that caches store just that.
    ///
    /// - Parameter registered: whether a pixel of one modality is the same point in the other.
    func requirements(registered: Bool) -> ObjectiveRequirements

    /// Appends the loss. States that it declares are scoped to this objective.
    ///
    /// - Returns: a scalar, without the recipe's weight.
    /// - Throws: `ObjectiveError` for tensors that are missing or do not fit; `GraphError`.
    func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value
}

extension Objective {
    /// `response/kullback-leibler`.
    package static var name: String { "\(knowledge.rawValue)/\(method)" }
    package var name: String { Self.name }
    package static var usualWeight: Double { 1 }
    package static var comparesPositions: Bool { false }
    /// Responses and features compare sample by sample; a relation that does so says it.
    package static var weighsSamples: Bool { knowledge == .response || knowledge == .feature }
}

/// Which values of student and teacher an objective compares; nil: the method's own choice.
///
/// Methods that compare at several depths take several names with commas between, as many on either side.
package struct ObjectiveTaps: Sendable, Hashable {
    package var student: String?
    package var teacher: String?

    /// Empty names count as nil.
    package init(student: String? = nil, teacher: String? = nil) {
        self.student = student.flatMap { $0.isEmpty ? nil : $0 }
        self.teacher = teacher.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The same with a name for what is left open.
    func defaulting(to tap: String) -> (student: String, teacher: String) {
        (student ?? tap, teacher ?? tap)
    }
}

/// What an objective reads.
package struct ObjectiveRequirements: Sendable, Hashable {
    /// The student's taps: without `logits` among them the student needs no head.
    package var student: Set<String>
    /// The teacher's tensors by tap: `logits`, `pooled`, `features`, `layer3`, ...
    package var teacher: Set<String>
    /// Taps of the teacher whose mean and standard deviation per channel over the data set are needed.
    package var statistics: Set<String>
    /// Whether labels are needed.
    package var labels: Bool
    /// Whether the finished student answers with the teacher's classifier, behind the objective's
    /// projector: see `ClassifierReuse`.
    package var reusesClassifier: Bool
    /// Whether the places of the batch's samples in the run's list are needed: for memories.
    package var sampleIndices: Bool
    /// How many drawn places of other samples are needed.
    package var negatives: Int
    /// What of the student is compared with what of the teacher, cell by cell: the teacher's maps may be kept
    /// at the size of the student's.
    package var pairs: Set<TapPair>
    /// The teacher's taps that a method wants at their own size, whatever others compare them with.
    package var ownSize: Set<String>

    package init(
        student: Set<String> = [], teacher: Set<String> = [], statistics: Set<String> = [],
        labels: Bool = false, reusesClassifier: Bool = false, sampleIndices: Bool = false,
        negatives: Int = 0, pairs: Set<TapPair> = [], ownSize: Set<String> = []
    ) {
        self.student = student
        self.teacher = teacher
        self.statistics = statistics
        self.labels = labels
        self.reusesClassifier = reusesClassifier
        self.sampleIndices = sampleIndices
        self.negatives = negatives
        self.pairs = pairs
        self.ownSize = ownSize
    }

    package func union(_ other: ObjectiveRequirements) -> ObjectiveRequirements {
        ObjectiveRequirements(
            student: student.union(other.student), teacher: teacher.union(other.teacher),
            statistics: statistics.union(other.statistics), labels: labels || other.labels,
            reusesClassifier: reusesClassifier || other.reusesClassifier,
            sampleIndices: sampleIndices || other.sampleIndices,
            negatives: max(negatives, other.negatives), pairs: pairs.union(other.pairs),
            ownSize: ownSize.union(other.ownSize))
    }
}
