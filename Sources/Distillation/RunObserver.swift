package import Batching

/// Whoever wants to know how a run goes, and may ask it to end.
package protocol RunObserver: AnyObject {
    /// `preparing`, `caching`, `training`, `evaluating`, `exporting`.
    func entered(phase: String)
    func progressed(_ progress: RunProgress)
    func measured(_ metrics: [String: Double])
    func failed(_ sample: SampleError)
    func wrote(_ checkpoint: Checkpoint.Written)
    func log(_ level: String, _ message: String)
    /// Asked at every step: whether to write a checkpoint and end.
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
