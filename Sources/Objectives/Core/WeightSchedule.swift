/// How an objective's weight changes over a run.
package enum WeightSchedule: Sendable, Hashable {
    /// The recipe's weight all along.
    case constant
    /// `weight min(epoch / epochs, 1)`, epochs counted from 1, as DKD and ReviewKD begin.
    case ramp(epochs: Int)
    /// The recipe's weight is the objective's share of the gradient, see `GradientBalance`.
    case balanced

    /// By what the recipe's weight is multiplied when it is fed: a function of the step alone.
    package func factor(step: Int, stepsPerEpoch: Int) -> Double {
        guard case .ramp(let epochs) = self, epochs > 0 else { return 1 }
        let epoch = max(0, step) / max(1, stepsPerEpoch) + 1
        return min(Double(epoch) / Double(epochs), 1)
    }
}
