import Batching
import Evaluation
import Networks

/// The teacher's answers to what a student is measured on: it is frozen, so they never change.
final class KeptAnswers {
    /// The most values that are kept between evaluations: 256 MiB of them.
    static let most = 1 << 26

    var answers: ModelAnswers?
}

extension RunFinish {
    /// What the student is measured on: the test split, or the training split where there is no other.
    var measured: [Sample] {
        let held = setup.request.samples.filter { $0.split == "test" }
        return (held.isEmpty ? setup.selection.samples : held)
            .filter { $0.files[setup.descriptor.modality] != nil }
    }

    /// The teacher's answers to the measured pairs; nil without a teacher or a pair.
    ///
    /// They are computed once and kept, unless they are too many.
    func teacherAnswers() throws -> ModelAnswers? {
        if let answers = kept.answers { return answers }
        guard let teacher = setup.teacher, let views = setup.teacherViews else { return nil }
        let pairs = measured.filter { $0.files[teacher.document.modality] != nil }
        guard !pairs.isEmpty else { return nil }
        let answers = try ModelAnswers.of(
            teacher, on: pairs, views: views, threads: setup.request.threads,
            failed: observer.failed, progress: { _ in try tick() })
        let values = answers.pooled.values.count + (answers.logits?.values.count ?? 0)
        if values <= KeptAnswers.most { kept.answers = answers }
        return answers
    }
}
