import Evaluation
import Foundation
import Testing

@Suite("Agreement of two models")
struct AgreementTests {
    @Test("Cohen's kappa by hand")
    func kappa() throws {
        // 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: observed .7, expected .5.
        let first = [Int](repeating: 1, count: 25) + [Int](repeating: 0, count: 25)
        let second =
            [Int](repeating: 1, count: 20) + [Int](repeating: 0, count: 5)
            + [Int](repeating: 1, count: 10) + [Int](repeating: 0, count: 15)
        #expect(near(try Metrics.agreement(first, second), 0.7))
        #expect(near(try Metrics.cohensKappa(first, second, classes: 2), 0.4))
        #expect(near(try Metrics.cohensKappa(second, first, classes: 2), 0.4))
        #expect(near(try Metrics.cohensKappa(first, first, classes: 2), 1))
        #expect(try Metrics.cohensKappa([3, 3], [3, 3], classes: 5) == 0)
    }

    @Test("Kullback-Leibler divergence by hand")
    func divergence() throws {
        let half = FeatureMatrix([[0, 0]])
        let quarter = FeatureMatrix([[Float(log(3.0)), 0]])
        // p = (1/2, 1/2), q = (3/4, 1/4): half of log((1/2)/(3/4)) + half of log((1/2)/(1/4)).
        let expected = 0.5 * log(2.0 / 3) + 0.5 * log(2.0)
        let found = try Metrics.kullbackLeibler(teacherLogits: half, studentLogits: quarter)
        #expect(near(found, expected))
        #expect(try Metrics.kullbackLeibler(teacherLogits: half, studentLogits: half) == 0)
        let huge = FeatureMatrix([[1000, -1000]])
        let value = try Metrics.kullbackLeibler(teacherLogits: huge, studentLogits: half)
        #expect(near(value, log(2.0)))
    }

    @Test("A higher temperature softens the divergence")
    func temperature() throws {
        let teacher = Samples.matrix(rows: 20, columns: 5, seed: 1)
        let student = Samples.matrix(rows: 20, columns: 5, seed: 2)
        let cold = try Metrics.kullbackLeibler(teacherLogits: teacher, studentLogits: student)
        let warm = try Metrics.kullbackLeibler(
            teacherLogits: teacher, studentLogits: student, temperature: 4)
        #expect(warm < cold / 4)
    }

    @Test("Flip consistency is agreement of predictions")
    func flip() throws {
        let plain = FeatureMatrix([[1, 0], [1, 0], [0, 1], [0, 1]])
        let flipped = FeatureMatrix([[5, 0], [0, 5], [0, 5], [0, 5]])
        #expect(try Metrics.flipConsistency(logits: plain, flippedLogits: flipped) == 0.75)
    }

    @Test("The standard report of two equal models")
    func report() throws {
        let logits = Samples.matrix(rows: 30, columns: 4, seed: 3)
        let report = try MetricReport.agreement(teacherLogits: logits, studentLogits: logits)
        #expect(report["agreement"] == 1)
        #expect(near(report["kappa"] ?? 0, 1))
        #expect(report["kullback_leibler"] == 0)
    }
}
