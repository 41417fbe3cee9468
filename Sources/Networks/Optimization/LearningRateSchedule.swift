import Foundation

/// The learning rate as a pure function of the step.
package protocol LearningRateSchedule: Sendable {
    /// The rate of a step, counted from 0; beyond the last step it stays.
    func rate(step: Int) -> Double
}

/// The same rate all along.
package struct ConstantSchedule: LearningRateSchedule, Hashable {
    package let peak: Double

    package init(_ rate: Double) {
        peak = rate
    }

    package func rate(step: Int) -> Double { peak }
}

/// A linear rise to the peak, then half a cosine down to zero.
///
/// With n steps of which w warm up: `peak (step + 1) / w` for step < w, then
/// `peak (1 + cos(pi (step - w) / (n - w))) / 2`.
/// - Reference: Loshchilov and Hutter 2016, 1608.03983, without restarts.
package struct CosineSchedule: LearningRateSchedule, Hashable {
    package let peak: Double
    package let steps: Int
    package let warmUpSteps: Int

    /// - Parameter warmUp: the fraction of all steps that warm up, rounded, in [0, 1].
    package init(peak: Double, steps: Int, warmUp: Double) {
        precondition(steps >= 0 && (0...1).contains(warmUp), "warm-up is a fraction of the steps")
        self.peak = peak
        self.steps = steps
        warmUpSteps = Int((warmUp * Double(steps)).rounded())
    }

    package func rate(step: Int) -> Double {
        let step = max(0, min(step, steps))
        if step < warmUpSteps { return peak * Double(step + 1) / Double(warmUpSteps) }
        guard steps > warmUpSteps else { return peak }
        let progress = Double(step - warmUpSteps) / Double(steps - warmUpSteps)
        return peak * (1 + cos(.pi * progress)) / 2
    }
}
