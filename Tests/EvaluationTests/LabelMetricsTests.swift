import Evaluation
import Testing

@Suite("Metrics with labels")
struct LabelMetricsTests {
    @Test("Predictions are the greatest logit, the first of equals")
    func predictions() {
        let logits = FeatureMatrix([[0, 2, 1], [3, 3, 1], [-5, -6, -4]])
        #expect(Metrics.predictions(logits) == [1, 0, 2])
    }

    @Test("Accuracy and its slices")
    func accuracy() throws {
        let labels = [0, 1, 2, 1]
        let predictions = [0, 1, 1, 0]
        #expect(try Metrics.accuracy(predictions: predictions, labels: labels) == 0.5)
        let slices = try Metrics.accuracy(
            predictions: predictions, labels: labels, by: ["0", "0", "0", "1"])
        #expect(slices["0"]?.count == 3)
        #expect(near(slices["0"]?.accuracy ?? -1, 2.0 / 3))
        #expect(slices["1"]?.count == 1 && slices["1"]?.accuracy == 0)
        #expect(slices["2"] == nil)
    }

    @Test("Top-k counts equals against the label unless it comes first")
    func topK() throws {
        let logits = FeatureMatrix([[1, 2, 3], [2, 2, 1], [0, 0, 0]])
        #expect(try Metrics.topAccuracy(1, logits: logits, labels: [2, 1, 0]) == 2.0 / 3)
        #expect(try Metrics.topAccuracy(2, logits: logits, labels: [0, 1, 1]) == 2.0 / 3)
        #expect(try Metrics.topAccuracy(3, logits: logits, labels: [0, 2, 2]) == 1)
    }

    @Test("Confusion matrix and macro-F1 by hand")
    func macroF1() throws {
        let confusion = try ConfusionMatrix(
            predictions: [0, 0, 1, 1, 1, 0], labels: [0, 0, 0, 1, 1, 1], classes: 4)
        #expect(confusion[label: 0, prediction: 0] == 2)
        #expect(confusion[label: 0, prediction: 1] == 1)
        #expect(confusion[label: 1, prediction: 0] == 1)
        #expect(confusion.total == 6)
        #expect(near(confusion.recall(1) ?? 0, 2.0 / 3))
        #expect(confusion.recall(3) == nil)
        // F1 of classes 0 and 1 is 2*2/(3+3); classes 2 and 3 do not occur.
        #expect(near(Metrics.macroF1(confusion), 2.0 / 3))
    }

    @Test("Of many classes only what occurs is kept")
    func manyClasses() throws {
        let classes = 21_841
        let labels = (0..<2_000).map { $0 * 7 % classes }
        let predictions = (0..<2_000).map { $0 % 2 == 0 ? $0 * 7 % classes : 5 }
        let confusion = try ConfusionMatrix(
            predictions: predictions, labels: labels, classes: classes)
        #expect(confusion.total == 2_000)
        #expect(confusion.occurring.count == Set(labels + predictions).count)
        #expect(confusion.predicted(5) >= 1_000)
        let kappa = try Metrics.cohensKappa(labels, predictions, classes: classes)
        #expect(abs(kappa - 0.5) < 0.01)
        #expect(Metrics.macroF1(confusion) > 0.4)
    }

    @Test("A class that is predicted but never labelled pulls macro-F1 down")
    func macroF1CountsFalsePositives() throws {
        let confusion = try ConfusionMatrix(predictions: [0, 1], labels: [0, 0], classes: 2)
        #expect(near(Metrics.macroF1(confusion), (2.0 / 3 + 0) / 2))
    }

    @Test("Calibration error by hand: confidence .75 with half right is .25")
    func calibration() throws {
        // log 3 against 0: probabilities 3/4 and 1/4.
        let three: Float = 1.098_612_3
        let logits = FeatureMatrix([[three, 0], [three, 0], [three, 0], [three, 0]])
        let error = try Metrics.expectedCalibrationError(logits: logits, labels: [0, 0, 1, 1])
        #expect(near(error, 0.25, 1e-6))
        let sure = FeatureMatrix([[100, 0], [0, 100]])
        #expect(near(try Metrics.expectedCalibrationError(logits: sure, labels: [0, 1]), 0))
        #expect(near(try Metrics.expectedCalibrationError(logits: sure, labels: [1, 0]), 1))
    }

    @Test("Gap closed")
    func gapClosed() {
        #expect(near(Metrics.gapClosed(distilled: 0.8, few: 0.3, oracle: 0.9) ?? 0, 5.0 / 6))
        #expect(Metrics.gapClosed(distilled: 0.8, few: 0.9, oracle: 0.9) == nil)
    }

    @Test("Bad input is an error that says what was found")
    func errors() {
        let mismatch = #expect(throws: EvaluationError.self) {
            try Metrics.accuracy(predictions: [1], labels: [1, 2])
        }
        #expect(mismatch?.code == .sizeMismatch)
        #expect(mismatch?.description.contains("expected 2 predictions, found 1") == true)
        let range = #expect(throws: EvaluationError.self) {
            try ConfusionMatrix(predictions: [0], labels: [7], classes: 3)
        }
        #expect(range?.code == .labelOutOfRange)
        let empty = #expect(throws: EvaluationError.self) {
            try Metrics.accuracy(predictions: [], labels: [])
        }
        #expect(empty?.code == .noSamples)
        let broken = #expect(throws: EvaluationError.self) {
            try Metrics.expectedCalibrationError(
                logits: FeatureMatrix([[1, 2], [3, .nan]]), labels: [0, 1])
        }
        #expect(broken?.code == .notFinite)
        #expect(broken?.description.contains("row 1, column 1") == true)
    }

    @Test("The standard report names everything")
    func report() throws {
        let logits = FeatureMatrix([[2, 0], [0, 2], [2, 0]])
        let report = try MetricReport.classification(
            logits: logits, labels: [0, 1, 1], attributes: ["contradicting": ["0", "0", "1"]])
        #expect(near(report["accuracy"] ?? 0, 2.0 / 3))
        #expect(report["accuracy.contradicting.0"] == 1)
        #expect(report["accuracy.contradicting.1"] == 0)
        #expect(report["macro_f1"] != nil && report["calibration_error"] != nil)
        var all = MetricReport()
        all["seconds"] = 3
        all.merge(report, prefix: "student")
        all["seconds"] = 4
        #expect(all.entries.first?.name == "seconds" && all.entries.first?.value == 4)
        #expect(all.dictionary["student.accuracy"] == report["accuracy"])
        all["seconds"] = nil
        #expect(all["seconds"] == nil)
    }
}
