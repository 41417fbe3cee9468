import Batching
import Evaluation

extension ModelEvaluator.Outcome {
    /// Accuracy and the like, from samples whose label is one of the model's classes.
    mutating func addLabels(_ answers: ModelAnswers, _ classes: [String]) throws {
        guard let logits = answers.logits else {
            return leaveOut(.labels, "the model has no classifier")
        }
        let labelled = answers.labelled(classes)
        self.labelled = labelled.rows.count
        guard !labelled.rows.isEmpty else {
            return leaveOut(
                .labels,
                answers.samples.contains { $0.label != nil }
                    ? "no sample's label is one of the model's \(classes.count) classes"
                    : "no sample has a label")
        }
        let samples = labelled.rows.map { answers.samples[$0] }
        var attributes: [String: [String]] = [:]
        for name in Set(samples.flatMap(\.attributes.keys)) {
            attributes[name] = samples.map { $0.attributes[name] ?? "" }
        }
        let chosen = logits.selecting(labelled.rows)
        add(
            try MetricReport.classification(
                logits: chosen, labels: labelled.classes, attributes: attributes), of: samples)
        let matrix = try ConfusionMatrix(
            predictions: Metrics.predictions(chosen), labels: labelled.classes,
            classes: classes.count)
        confusion = ModelEvaluator.Confusion(matrix, classes: classes)
        if confusion == nil {
            leftOut["confusion"] =
                "\(matrix.occurring.count) classes occur, of at most \(ModelEvaluator.Confusion.most) a table is made"
        }
    }

    /// What simple classifiers make of the features: fitted to training samples, measured on these.
    mutating func addProbes(_ answers: ModelAnswers, _ beside: ModelEvaluator.Beside) throws {
        guard let known = beside.known else { return leaveOut(.probes, beside.noKnown) }
        // The training labels name the classes: a model without a classifier has probes as well.
        let classes = Set(known.samples.compactMap(\.label)).sorted()
        guard classes.count > 1 else {
            return leaveOut(
                .probes, "the training samples have labels of \(classes.count) classes, not of 2")
        }
        let fitted = known.labelled(classes)
        let measured = answers.labelled(classes)
        guard !measured.rows.isEmpty else {
            return leaveOut(.probes, "no sample has a label that a training sample has")
        }
        let features = known.pooled.selecting(fitted.rows)
        add(
            try MetricReport.probes(
                known: features, knownLabels: fitted.classes,
                fresh: answers.pooled.selecting(measured.rows), freshLabels: measured.classes,
                classes: classes.count), of: measured.rows.map { answers.samples[$0] })
        probeSamples = fitted.rows.count
        if metrics["linear_probe"] == nil {
            leftOut["linear_probe"] =
                "\(classes.count) classes of \(features.columns) features are more than the "
                + "\(MetricReport.greatestLinearProbe) weights that are fitted by steps"
        }
    }

    /// Whether the model names the same class for a frame and its mirror image.
    mutating func addFlips(_ answers: ModelAnswers, _ beside: ModelEvaluator.Beside) throws {
        guard let logits = answers.logits else {
            return leaveOut(.flips, "the model has no classifier")
        }
        guard let mirrored = beside.mirrored, let others = mirrored.logits else {
            return leaveOut(.flips, beside.noMirrored)
        }
        let rows = answers.common(with: mirrored)
        guard !rows.own.isEmpty else {
            return leaveOut(.flips, "no mirrored frame could be read")
        }
        try addHits(
            "flip_consistency", Metrics.predictions(others.selecting(rows.other)),
            Metrics.predictions(logits.selecting(rows.own)),
            of: rows.own.map { answers.samples[$0] })
    }

    /// How often two lists of classes agree.
    mutating func addHits(
        _ name: String, _ predictions: [Int], _ labels: [Int], of samples: [Sample]
    ) throws {
        var report = MetricReport()
        report.set(name, meanOf: try Metrics.hits(predictions: predictions, labels: labels))
        add(report, of: samples)
    }
}

extension ModelAnswers {
    /// The rows whose label is one of these classes, with the classes' numbers.
    func labelled(_ classes: [String]) -> (rows: [Int], classes: [Int]) {
        let numbers = Dictionary(
            classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = samples.indices.filter { row in
            samples[row].label.flatMap { numbers[$0] } != nil
        }
        return (rows, rows.compactMap { samples[$0].label.flatMap { numbers[$0] } })
    }
}
