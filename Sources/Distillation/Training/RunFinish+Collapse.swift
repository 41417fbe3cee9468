import Batching
import Configuration
import Evaluation
import Foundation
import Networks
import Tensors

extension RunFinish {
    /// The watch of this run: what it noted before its first step, measured now where that is still to come.
    ///
    /// - Returns: nil for a run that has no teacher or no pairs to look at, or no common space of features.
    /// - Throws: `RunStopped` where the observer asks for an end.
    func collapseWatch() throws -> CollapseWatch? {
        guard loop.step == 0 else { return CollapseWatch.kept(in: setup.request.runFolder) }
        guard let teacher = setup.teacher else { return nil }
        let held = CollapseWatch.held(
            of: measured.filter { $0.files[teacher.document.modality] != nil },
            samples: setup.selection.samples.count, epochs: setup.recipe.training.epochs)
        guard held.count >= CollapseWatch.fewest else { return nil }
        let projector = try projector()
        let width = projector?.weight.shape[0] ?? setup.featureChannels
        guard width == teacher.document.featureChannels else {
            observer.log(
                "info",
                "no collapse alarm: no objective brings the student's features into the teacher's "
                    + "space, as feature/centred-cosine does")
            return nil
        }
        do {
            let folder = try write(studentWeights(), metrics: [:])
            let student = try LoadedModel(folder: folder, host: setup.request.host)
            let own = try ModelAnswers.of(
                student, on: held, views: setup.views, threads: setup.request.threads,
                failed: observer.failed, progress: { _ in try tick() })
            guard let theirs = try teacherAnswers() else { return nil }
            let pairs = held.map(\.id)
            guard
                let initial = try CollapseWatch.measure(
                    pairs, student: own, teacher: theirs, projector: projector)
            else { return nil }
            let watch = CollapseWatch(pairs: pairs, initial: initial, steps: loop.steps)
            try watch.write(to: setup.request.runFolder)
            return watch
        } catch let error as EvaluationError {
            observer.log("info", "no collapse alarm: \(error)")
        } catch let error as DistillationError where error.code == "dataset.all_unreadable" {
            observer.log("info", "no collapse alarm: \(error.message)")
        }
        return nil
    }

    /// Looks at an evaluation's answers; warns where the features have collapsed.
    ///
    /// - Returns: 1 collapsed, 0 not; nil where nobody watches.
    func collapsed(
        student: ModelAnswers, teacher: ModelAnswers?, projector: Projector?
    ) throws -> Double? {
        guard let watch, let teacher,
            let measure = try CollapseWatch.measure(
                watch.pairs, student: student, teacher: teacher, projector: projector)
        else { return nil }
        guard watch.sounds(measure, step: loop.step) else { return 0 }
        func figure(_ value: Double) -> String { String(format: "%.3f", value) }
        observer.warned(
            RunWarning(
                code: "training.collapsed",
                message: "the student's features have collapsed or have learnt nothing, step "
                    + "\(loop.step): centred cosine \(figure(measure.centredCosine)), below 0.05; mutual neighbours "
                    + "\(figure(measure.mutualNeighbours)), below twice the "
                    + "\(figure(watch.initial.mutualNeighbours)) before the first step; the job goes on",
                hint: "check that the pairs belong together, and that "
                    + "`distillctl datasets show \(setup.request.dataset)` finds nothing wrong with them, such as a "
                    + "depth scale that leaves little to see; train longer; lower learning_rate or weight_decay; "
                    + "add feature/centred-cosine",
                step: loop.step))
        return 1
    }
}
