import Evaluation
import Testing

@Suite("Intervals and alarms")
struct StatisticsTests {
    @Test(
        "Student's t against the table: mean +- t s / sqrt(n)",
        arguments: [(2, 12.7062), (3, 4.30265), (5, 2.77645), (11, 2.22814), (31, 2.04227)])
    func studentT(runs: Int, quantile: Double) throws {
        // Alternating -1 and 1, and a 0 where the count is odd.
        var values = (0..<runs / 2 * 2).map { $0 % 2 == 0 ? 1.0 : -1.0 }
        if runs % 2 == 1 { values.append(0) }
        let deviation = (Double(runs / 2 * 2) / Double(runs - 1)).squareRoot()
        let interval = try ConfidenceInterval.studentT(values)
        #expect(near(interval.mean, 0))
        #expect(near(interval.high, quantile * deviation / Double(runs).squareRoot(), 1e-4))
        #expect(near(interval.low, -interval.high))
    }

    @Test("One run has no interval; none is an error")
    func fewRuns() throws {
        let one = try ConfidenceInterval.studentT([0.9])
        #expect(one.mean == 0.9 && one.low == -.infinity && one.high == .infinity)
        #expect(throws: EvaluationError.self) { try ConfidenceInterval.studentT([]) }
        let equal = try ConfidenceInterval.studentT([0.5, 0.5, 0.5])
        #expect(equal.low == 0.5 && equal.high == 0.5)
    }

    @Test("The bootstrap of 100 coin flips is about .4 to .6 and repeats by its seed")
    func bootstrap() throws {
        let flips = (0..<100).map { Double($0 % 2) }
        let interval = try ConfidenceInterval.bootstrap(flips, seed: 5)
        #expect(interval.mean == 0.5)
        #expect(abs(interval.low - 0.4) < 0.03 && abs(interval.high - 0.6) < 0.03)
        #expect(try ConfidenceInterval.bootstrap(flips, seed: 5) == interval)
        let single = try ConfidenceInterval.bootstrap([0.7])
        #expect(single.low == single.high)
    }

    @Test("The collapse alarm needs time, low centred cosine and few shared neighbours")
    func alarm() {
        let alarm = CollapseAlarm(initialMutualNeighbours: 0.01, totalSteps: 5000)
        #expect(alarm.firstStep == 500)
        #expect(!alarm.sounds(step: 499, centredCosine: 0, mutualNeighbours: 0))
        #expect(alarm.sounds(step: 500, centredCosine: 0.04, mutualNeighbours: 0.019))
        #expect(!alarm.sounds(step: 500, centredCosine: 0.05, mutualNeighbours: 0.019))
        #expect(!alarm.sounds(step: 500, centredCosine: 0.04, mutualNeighbours: 0.02))
        #expect(CollapseAlarm(initialMutualNeighbours: 0, totalSteps: 500).firstStep == 100)
        // A short run is judged at its end.
        let short = CollapseAlarm(initialMutualNeighbours: 0.01, totalSteps: 50)
        #expect(short.firstStep == 50)
        #expect(!short.sounds(step: 49, centredCosine: 0, mutualNeighbours: 0))
        #expect(short.sounds(step: 50, centredCosine: 0, mutualNeighbours: 0))
    }
}
