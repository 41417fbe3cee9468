import Networks
import Testing

@Suite struct LearningRateScheduleTests {
    @Test func cosineWithWarmUp() {
        let schedule = CosineSchedule(peak: 0.1, steps: 100, warmUp: 0.03)
        #expect(schedule.warmUpSteps == 3)
        let pinned: [(Int, Double)] = [
            (0, 0.1 / 3), (1, 0.2 / 3), (2, 0.1), (3, 0.1), (27, 0.08564044523),
            (51, 0.05080965344), (75, 0.01551381114), (99, 0.00002622155), (100, 0), (500, 0),
        ]
        for (step, rate) in pinned {
            #expect(abs(schedule.rate(step: step) - rate) < 1e-9, "step \(step)")
        }
    }

    @Test func withoutWarmUpTheFirstStepHasThePeak() {
        let schedule = CosineSchedule(peak: 0.5, steps: 10, warmUp: 0)
        #expect(schedule.rate(step: 0) == 0.5)
        #expect(abs(schedule.rate(step: 5) - 0.25) < 1e-12)
        #expect(CosineSchedule(peak: 0.5, steps: 4, warmUp: 1).rate(step: 9) == 0.5)
        #expect(CosineSchedule(peak: 0.5, steps: 0, warmUp: 0).rate(step: 0) == 0.5)
        #expect(ConstantSchedule(0.2).rate(step: 1_000_000) == 0.2)
    }
}
