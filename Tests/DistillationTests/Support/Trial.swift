import Distillation
import Testing

/// Small runs of 32 px, for tests.
enum Trial {
    /// A recipe that trains an RGB teacher on labels.
    static func teacher(epochs: Int = 3) -> String {
        """
        name = "teacher"
        kind = "train"
        [dataset]
        name = "scenes"
        [student]
        architecture = "residual-small"
        modality = "rgb"
        size = 32
        [training]
        epochs = \(epochs)
        batch = 16
        views = 2
        seed = 3
        """
    }

    /// A recipe that distils a student.
    ///
    /// - Parameters: further lines of the tables, and objectives; without any the recipe's own.
    static func student(
        epochs: Int = 1, seed: Int = 3, size: Int = 32, modality: String = "depth",
        teacher: String = "", student: String = "", training: String = "", objectives: String = ""
    ) -> String {
        """
        name = "student"
        kind = "distill"
        [dataset]
        name = "scenes"
        [teacher]
        model = "teacher"
        \(teacher)
        [student]
        architecture = "residual-small"
        modality = "\(modality)"
        size = \(size)
        \(student)
        [training]
        epochs = \(epochs)
        batch = 16
        views = 2
        seed = \(seed)
        \(training)
        \(objectives)
        """
    }

    /// Runs to the end.
    ///
    /// - Throws: what the run throws, and where it stops before.
    static func finish(
        _ request: RunRequest, _ observer: RecordingObserver = RecordingObserver()
    ) throws -> (folder: String, document: ModelDocument) {
        let outcome = try TrainingRun(request, observer: observer).run()
        guard case .finished(let folder, let document) = outcome else {
            Issue.record("the run stopped")
            throw CancellationError()
        }
        return (folder, document)
    }
}
