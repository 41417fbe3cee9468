package import Batching

/// Whoever wants to know how a run goes, and may ask it to end.
package protocol RunObserver: AnyObject {
    /// `preparing`, `calibrating` (teachers in int8 alone), `caching`, `training`, `evaluating`, `exporting`.
    func entered(phase: String)
    func progressed(_ progress: RunProgress)
    func measured(_ metrics: [String: Double])
    func failed(_ sample: SampleError)
    func wrote(_ checkpoint: Checkpoint.Written)
    func log(_ level: String, _ message: String)
    /// Something a person should know; the run goes on.
    func warned(_ warning: RunWarning)
    /// Asked at every step, and after every batch of the phases before: whether to end, with a checkpoint where
    /// there is something to keep.
    var shouldStop: Bool { get }
}

/// Where a run stands.
package struct RunProgress: Sendable, Equatable {
    package var step: Int
    package var steps: Int
    package var epoch: Int
    package var epochs: Int
    package var samplesPerSecond: Double
    package var secondsLeft: Double
    package var learningRate: Double
    /// `total` and one entry for each objective.
    package var losses: [String: Double]
}

/// What is wrong with a run that goes on nevertheless.
package struct RunWarning: Sendable, Equatable {
    /// A stable dotted code, such as `training.collapsed`.
    package var code: String
    package var message: String
    /// What to do about it.
    package var hint: String
    package var step: Int
}
