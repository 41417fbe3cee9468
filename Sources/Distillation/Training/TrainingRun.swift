import Batching
import Configuration
import Execution
import Foundation
import Graphs
import Networks
import Objectives
import Tensors

/// One run from recipe to finished model: prepare, measure the teacher, train, evaluate, export.
///
/// Everything the engine does happens on the thread that calls `run`.
package final class TrainingRun {
    package enum Outcome {
        /// The folder of the finished model, inside the run's folder.
        case finished(model: String, ModelDocument)
        /// The observer asked for an end; once the training had begun a checkpoint was written.
        case stopped
    }

    private let request: RunRequest
    private let observer: any RunObserver

    package init(_ request: RunRequest, observer: any RunObserver) {
        self.request = request
        self.observer = observer
    }

    package func run() throws -> Outcome {
        observer.entered(phase: "preparing")
        let setup: RunSetup
        do {
            setup = try RunSetup(request, observer: observer)
        } catch is RunStopped {
            return .stopped
        }
        try write(setup)
        for note in setup.notes + setup.objectives.notes { observer.log("info", note) }
        report(setup.quantizedTeacher)
        let seen = try StudentInputCheck(setup: setup).run()
        let failures = FailedSamples()
        let loader = BatchLoader(setup, failures: failures)
        let answers = TeacherAnswers(setup, loader)
        var statistics = TeacherStatisticsPass.kept(setup)
        // It decodes already while the training step is compiled.
        let pass = statistics == nil ? TeacherStatisticsPass(setup, loader, answers) : nil
        let loop = try TrainingLoop(
            setup, loader, answers, failures: failures, observer: observer)
        if let pass {
            observer.entered(phase: "caching")
            statistics = try measure(pass, setup, failures)
        }
        guard let statistics else { return .stopped }
        var finish = RunFinish(setup, loop: loop, statistics: statistics, observer: observer)
        finish.seen = seen
        do {
            finish.watch = try finish.collapseWatch()
        } catch is RunStopped {
            return .stopped
        }
        observer.entered(phase: "training")
        loop.evaluation = { [finish] in try finish.evaluate(finish.studentWeights()) }
        defer { loop.evaluation = nil }
        let weights: [String: Tensor<Float>]
        let outcome: [String: Double]
        do {
            guard try loop.run(statistics) else { return .stopped }
            observer.entered(phase: "evaluating")
            weights = try finish.studentWeights()
            outcome = try finish.evaluate(weights)
            if outcome["collapsed"] == 1 { try loop.noteCollapse() }
        } catch is RunStopped {
            try loop.checkpoint()
            return .stopped
        }
        observer.entered(phase: "exporting")
        let (folder, document) = try finish.export(weights, metrics: outcome)
        return .finished(model: folder, document)
    }

    /// Keeps what the run is made of beside its results.
    private func write(_ setup: RunSetup) throws {
        let path = request.runFolder + "/recipe.resolved.toml"
        do {
            try Data(setup.recipe.toml.utf8).write(
                to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing")
        }
    }

    /// Says how a teacher in int8 compares with one in float32.
    private func report(_ teacher: QuantizedTeacher?) {
        guard let teacher else { return }
        observer.log("info", teacher.summary)
        if let warning = teacher.warning { observer.log("warning", warning) }
        observer.measured(teacher.metrics)
    }

    /// - Returns: nil when the observer asked for an end.
    private func measure(
        _ pass: TeacherStatisticsPass, _ setup: RunSetup, _ failures: FailedSamples
    ) throws -> [String: TeacherStatisticsEstimate]? {
        var progress = PassProgress(
            observer, samples: pass.samples, epochs: setup.recipe.training.epochs)
        let statistics = try pass.run { done in
            for error in failures.drain() { observer.failed(error) }
            return progress.goesOn(done)
        }
        if let warning = pass.warning { observer.log("warning", warning) }
        for error in failures.drain() { observer.failed(error) }
        return statistics
    }
}
