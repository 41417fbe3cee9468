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
            for group in [MetricGroup.agreement, .commonSpace, .structure] {
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
}
