/// How fast something goes, from reports of how much is done.
///
/// The rate is an exponential mean over about the last ten seconds, so that a pause or a slow start
/// fades.
package struct ProgressEstimate: Sendable, Equatable {
    private var lastTime: Double?
    private var lastDone = 0.0
    private var smoothedRate: Double?

    package init() {}

    /// Takes a report.
    ///
    /// - Parameters:
    ///   - done: How much is done, in any unit; less than before (a restart) starts anew.
    ///   - time: Seconds of any steady clock.
    package mutating func update(done: Double, time: Double) {
        defer {
            lastTime = time
            lastDone = done
        }
        guard let lastTime else { return }
        guard done >= lastDone else {
            smoothedRate = nil
            return
        }
        let elapsed = time - lastTime
        guard elapsed > 0 else { return }
        let rate = (done - lastDone) / elapsed
        let share = elapsed / (elapsed + 10)
        smoothedRate = smoothedRate.map { $0 + share * (rate - $0) } ?? rate
    }

    /// Units a second; nil before the second report.
    package var rate: Double? { smoothedRate }

    /// Seconds until `total` is done; nil where the rate is unknown or nothing moves.
    package func remaining(total: Double) -> Double? {
        guard let rate = smoothedRate, rate > 0 else { return nil }
        return max(0, total - lastDone) / rate
    }
}
