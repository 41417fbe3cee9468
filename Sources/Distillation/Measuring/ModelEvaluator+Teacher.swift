import Batching
import Evaluation

extension ModelEvaluator.Outcome {
    /// What the teacher's answers to the same pairs tell.
    mutating func addTeacher(
        _ student: ModelAnswers, _ classes: [String], _ teacher: ModelAnswers,
        _ teacherClasses: [String], projector: Projector?
    ) throws {
        // Only samples that both could read are compared.
        let rows = student.common(with: teacher)
        guard !rows.own.isEmpty else {
            for group in MetricGroup.ofTeacher {
                leaveOut(group, "no sample could be read for both model and teacher")
            }
            metrics["effective_rank"] = try Metrics.effectiveRank(student.pooled)
            return
        }
        let own = student.selecting(rows.own)
        let other = teacher.selecting(rows.other)
        if let logits = own.logits, let answers = other.logits, logits.columns == answers.columns,
            classes == teacherClasses
        {
            add(
                try MetricReport.agreement(teacherLogits: answers, studentLogits: logits),
                of: own.samples)
        } else {
            leaveOut(
                .agreement,
                own.logits == nil
                    ? "the model has no classifier"
                    : other.logits == nil
                        ? "the teacher has no classifier"
                        : "the teacher names other classes than the model")
        }
        let features = ModelEvaluator.projected(own.pooled, by: projector)
        if features.columns != other.pooled.columns {
            leaveOut(
                .commonSpace,
                "the model has \(features.columns) features, its teacher \(other.pooled.columns), "
                    + "and no objective trained a projector between them")
        }
        add(
            try MetricReport.representation(teacher: other.pooled, student: features),
            of: own.samples)
    }

    /// The control of showing the teacher what the model sees: what a student learns beyond it is what distillation gave.
    mutating func addFed(
        _ teacher: ModelAnswers, _ classes: [String], _ beside: ModelEvaluator.Beside
    ) throws {
        guard let fed = beside.fed, let logits = fed.logits, let answers = teacher.logits else {
            return leaveOut(
                .fedTeacher, teacher.logits == nil ? "the teacher has no classifier" : beside.noFed)
        }
        let rows = fed.common(with: teacher)
        if rows.own.isEmpty {
            leftOut["fed_teacher_agreement"] = "no pair could be read for both of its modalities"
        } else {
            try addHits(
                "fed_teacher_agreement", Metrics.predictions(logits.selecting(rows.own)),
                Metrics.predictions(answers.selecting(rows.other)),
                of: rows.own.map { fed.samples[$0] })
        }
        try addAccuracy("fed_teacher_accuracy", Metrics.predictions(logits), of: fed, classes)
    }

    /// What linear maps read from the features that are fitted to the teacher's answers, never to labels: its
    /// classes, and its own features, by which the right frame is retrieved.
    ///
    /// So students without a classifier or a projector are measured like the others.
    mutating func addReadings(
        _ student: ModelAnswers, _ teacher: ModelAnswers, _ classes: [String],
        _ beside: ModelEvaluator.Beside
    ) throws {
        guard let pairs = beside.pairs else { return leaveOut(.readings, beside.noPairs) }
        let known = pairs.own.common(with: pairs.teacher)
        let fresh = student.common(with: teacher)
        guard known.own.count > 1, !fresh.own.isEmpty else {
            return leaveOut(.readings, "no pair could be read for both model and teacher")
        }
        let own = pairs.own.selecting(known.own)
        let theirs = pairs.teacher.selecting(known.other)
        let asked = student.selecting(fresh.own)
        let answers = teacher.selecting(fresh.other)
        let map = try RidgeRegression(features: own.pooled, targets: theirs.pooled)
        add(
            try MetricReport.retrieval(
                "mapped_retrieval", queries: map(asked.pooled), gallery: answers.pooled),
            of: asked.samples)
        guard let lessons = theirs.logits, let wanted = answers.logits, lessons.columns > 1 else {
            leftOut["taught_accuracy"] = "the teacher has no classifier"
            leftOut["taught_agreement"] = "the teacher has no classifier"
            return
        }
        let probe = try RidgeProbe(
            features: own.pooled, labels: Metrics.predictions(lessons), classes: lessons.columns)
        let predictions = try probe.predictions(asked.pooled)
        try addHits(
            "taught_agreement", predictions, Metrics.predictions(wanted), of: asked.samples)
        try addAccuracy("taught_accuracy", predictions, of: asked, classes)
    }

    /// How often predictions name the labels, of the samples whose label is one of the teacher's classes.
    private mutating func addAccuracy(
        _ name: String, _ predictions: [Int], of answers: ModelAnswers, _ classes: [String]
    ) throws {
        let labelled = answers.labelled(classes)
        guard !labelled.rows.isEmpty else {
            leftOut[name] = "no sample's label is one of the teacher's classes"
            return
        }
        try addHits(
            name, labelled.rows.map { predictions[$0] }, labelled.classes,
            of: labelled.rows.map { answers.samples[$0] })
    }
}
