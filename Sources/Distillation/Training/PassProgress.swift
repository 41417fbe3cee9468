/// Tells an observer how far a pass over samples before the training is, and asks whether to go on.
struct PassProgress {
    private let observer: any RunObserver
    private let samples: Int
    private let epochs: Int
    private let began = ContinuousClock.now
    private var reported = ContinuousClock.now

    /// - Parameters:
    ///   - samples: how many the pass will see.
    ///   - epochs: how many the run will have.
    init(_ observer: any RunObserver, samples: Int, epochs: Int) {
        self.observer = observer
        self.samples = samples
        self.epochs = epochs
    }

    /// Reports, a few times a second at most.
    ///
    /// - Parameter done: samples that were seen, at least one.
    /// - Returns: false where the observer asks for an end.
    mutating func goesOn(_ done: Int) -> Bool {
        if observer.shouldStop { return false }
        let now = ContinuousClock.now
        guard now - reported > .milliseconds(500) || done == samples else { return true }
        reported = now
        let rate = Double(done) / max(1e-3, (now - began) / .seconds(1))
        observer.progressed(
            RunProgress(
                step: done, steps: samples, epoch: 0, epochs: epochs, samplesPerSecond: rate,
                secondsLeft: Double(samples - done) / rate, learningRate: 0, losses: [:]))
        return true
    }
}
