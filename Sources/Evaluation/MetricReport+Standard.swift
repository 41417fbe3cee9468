extension MetricReport {
    /// What labels tell: `accuracy`, `macro_f1`, `calibration_error`, and for every attribute value
    /// `accuracy.<attribute>.<value>`.
    ///
    /// - Parameters:
    ///   - attributes: By name, one value a sample.
    /// - Throws: ``EvaluationError``.
    package static func classification(
        logits: FeatureMatrix, labels: [Int], attributes: [String: [String]] = [:]
    ) throws -> MetricReport {
        var report = MetricReport()
        let predictions = Metrics.predictions(logits)
        report.set("accuracy", meanOf: try Metrics.hits(predictions: predictions, labels: labels))
        let confusion = try ConfusionMatrix(
            predictions: predictions, labels: labels, classes: logits.columns)
        report["macro_f1"] = Metrics.macroF1(confusion)
        report["calibration_error"] = try Metrics.expectedCalibrationError(
            logits: logits, labels: labels)
        for (name, values) in attributes.sorted(by: { $0.key < $1.key }) {
            let slices = try Metrics.accuracy(
                predictions: predictions, labels: labels, by: values)
            for (value, slice) in slices.sorted(by: { $0.key < $1.key }) {
                report["accuracy.\(name).\(value)"] = slice.accuracy
            }
        }
        return report
    }

    /// What the teacher's answers tell without labels: `agreement`, `kappa`, `kullback_leibler`.
    ///
    /// - Throws: ``EvaluationError``.
    package static func agreement(
        teacherLogits: FeatureMatrix, studentLogits: FeatureMatrix
    ) throws -> MetricReport {
        try Requirement.pair(
            teacherLogits, studentLogits, sameWidth: true, metric: "agreement")
        let teacher = Metrics.predictions(teacherLogits)
        let student = Metrics.predictions(studentLogits)
        var report = MetricReport()
        report.set("agreement", meanOf: try Metrics.hits(predictions: student, labels: teacher))
        report["kappa"] = try Metrics.cohensKappa(
            teacher, student, classes: teacherLogits.columns)
        report["kullback_leibler"] = try Metrics.kullbackLeibler(
            teacherLogits: teacherLogits, studentLogits: studentLogits)
        return report
    }

    /// `NAME_at_1`, `NAME_at_10` and what chance gives, `NAME_chance_at_1`, `NAME_chance_at_10`.
    ///
    /// - Throws: ``EvaluationError``.
    package static func retrieval(
        _ name: String, queries: FeatureMatrix, gallery: FeatureMatrix
    ) throws -> MetricReport {
        var report = MetricReport()
        let found = try Metrics.retrievals(queries: queries, gallery: gallery)
        let chance = Metrics.Retrieval(found)
        report.set("\(name)_at_1", meanOf: found.map(\.first))
        report.set("\(name)_at_10", meanOf: found.map(\.ten))
        report["\(name)_chance_at_1"] = chance.chanceAt1
        report["\(name)_chance_at_10"] = chance.chanceAt10
        return report
    }

    /// What the features tell without labels: `cka`, `mutual_neighbours`, `effective_rank`,
    /// `teacher_effective_rank`, and, where the widths agree (the student's features projected to
    /// the teacher's width), `centred_cosine`, `raw_cosine`, `retrieval_at_1`, `retrieval_at_10`,
    /// `retrieval_chance_at_1`, `retrieval_chance_at_10`.
    ///
    /// - Throws: ``EvaluationError``.
    package static func representation(
        teacher: FeatureMatrix, student: FeatureMatrix
    ) throws -> MetricReport {
        var report = MetricReport()
        if teacher.columns == student.columns {
            report["centred_cosine"] = try Metrics.centredCosine(student, teacher)
            report["raw_cosine"] = try Metrics.rawCosine(student, teacher)
            report.merge(try retrieval("retrieval", queries: student, gallery: teacher))
        }
        report["cka"] = try Metrics.linearCKA(student, teacher)
        report["mutual_neighbours"] = try Metrics.mutualNeighbours(student, teacher)
        report["effective_rank"] = try Metrics.effectiveRank(student)
        report["teacher_effective_rank"] = try Metrics.effectiveRank(teacher)
        return report
    }
}
