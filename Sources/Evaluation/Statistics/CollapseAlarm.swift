/// Tells when a student's features collapse onto the teacher's mean.
///
/// Raw cosine and effective rank do not tell: the first is high from the start, the second is higher
/// when collapsed. What tells, after 10 % of the steps and at least 100, in shorter runs at their end: centred cosine below 0.05
/// AND mutual neighbours below twice their value before the first step.
package struct CollapseAlarm: Sendable, Equatable, Codable {
    /// Mutual neighbours of student and teacher before the first step.
    package let initialMutualNeighbours: Double
    package let totalSteps: Int

    package init(initialMutualNeighbours: Double, totalSteps: Int) {
        precondition(totalSteps > 0, "a run has at least one step")
        self.initialMutualNeighbours = initialMutualNeighbours
        self.totalSteps = totalSteps
    }

    /// The first step at which the alarm may sound.
    package var firstStep: Int { min(totalSteps, max(100, (totalSteps + 9) / 10)) }

    /// Whether the features have collapsed.
    package func sounds(step: Int, centredCosine: Double, mutualNeighbours: Double) -> Bool {
        step >= firstStep && centredCosine < 0.05
            && mutualNeighbours < 2 * initialMutualNeighbours
    }
}

extension CollapseAlarm {
    /// Whether a report's features have collapsed; nil where it lacks `centred_cosine` or
    /// `mutual_neighbours`.
    package func sounds(step: Int, report: MetricReport) -> Bool? {
        guard let cosine = report["centred_cosine"], let shared = report["mutual_neighbours"]
        else { return nil }
        return sounds(step: step, centredCosine: cosine, mutualNeighbours: shared)
    }
}
