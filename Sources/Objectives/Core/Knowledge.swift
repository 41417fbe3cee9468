/// What an objective hands over from teacher to student.
package enum Knowledge: String, Sendable, CaseIterable {
    /// Labels given by people.
    case label
    /// The teacher's answers.
    case response
    /// The teacher's inner representation of one sample.
    case feature
    /// How the teacher sees samples relative to one another.
    case relation
}
