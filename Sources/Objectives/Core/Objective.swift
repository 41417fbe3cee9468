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
}

/// Which values of student and teacher an objective compares; nil: the method's own choice.
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

    package init(
        student: Set<String> = [], teacher: Set<String> = [], statistics: Set<String> = [],
        labels: Bool = false
    ) {
        self.student = student
        self.teacher = teacher
        self.statistics = statistics
        self.labels = labels
    }

    package func union(_ other: ObjectiveRequirements) -> ObjectiveRequirements {
        ObjectiveRequirements(
            student: student.union(other.student), teacher: teacher.union(other.teacher),
            statistics: statistics.union(other.statistics), labels: labels || other.labels)
    }
}
