import Batching
import Configuration
import Execution
import Foundation
import Graphs
import Networks
import Objectives
import Tensors

/// One run from recipe to finished model: prepare, cache, train, evaluate, export.
///
/// Everything the engine does happens on the thread that calls `run`.
package final class TrainingRun {
    package enum Outcome {
        /// The folder of the finished model, inside the run's folder.
        case finished(model: String, ModelDocument)
        /// A checkpoint was written because the observer asked for an end.
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
        let setup = try RunSetup(request)
        try write(setup)
        let failures = FailedSamples()
        observer.entered(phase: "caching")
        guard try fillCaches(setup, failures) else { return .stopped }
        let statistics = try statistics(setup, failures)
        let loop = try TrainingLoop(
            setup, statistics: statistics, failures: failures, observer: observer)
        observer.entered(phase: "training")
        guard try loop.run() else { return .stopped }
        observer.entered(phase: "evaluating")
        let finish = RunFinish(setup, loop: loop, statistics: statistics, observer: observer)
        let weights = try finish.studentWeights()
        let outcome = try finish.evaluate(weights)
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

    /// - Returns: false when the observer asked for an end.
    private func fillCaches(_ setup: RunSetup, _ failures: FailedSamples) throws -> Bool {
        let samples = setup.selection.samples
        let began = Date()
        var reported = began
        var stopped = false
        try TargetFilling(
            samples: samples, views: setup.views, teacher: setup.teacherNetwork,
            teacherViews: setup.teacherViews, targets: setup.targets, failures: failures,
            threads: request.threads
        ).run { done in
            for error in failures.drain() { observer.failed(error) }
            if observer.shouldStop {
                stopped = true
                return false
            }
            let now = Date()
            guard now.timeIntervalSince(reported) > 0.5 || done == samples.count else {
                return true
            }
            reported = now
            let seconds = max(1e-3, now.timeIntervalSince(began))
            let rate = Double(done) / seconds
            observer.progressed(
                RunProgress(
                    step: done, steps: samples.count, epoch: 0,
                    epochs: setup.recipe.training.epochs, samplesPerSecond: rate,
                    secondsLeft: Double(samples.count - done) / rate, learningRate: 0, losses: [:]))
            return true
        }
        for error in failures.drain() { observer.failed(error) }
        return !stopped
    }

    /// The teacher's mean and deviation per channel, from the run's folder or from the first pairs.
    private func statistics(
        _ setup: RunSetup, _ failures: FailedSamples
    ) throws -> [String: TeacherStatisticsEstimate] {
        let taps = setup.requirements.statistics.sorted()
        guard !taps.isEmpty, let network = setup.teacherNetwork else { return [:] }
        let path = request.runFolder + "/teacher-statistics.safetensors"
        if let kept = TeacherStatisticsEstimate.read(path, taps: taps) { return kept }
        var accumulators: [String: TeacherStatisticsEstimate.Accumulator] = [:]
        for (field, shape) in zip(network.fields, network.shapes) where taps.contains(field.name) {
            accumulators[field.name] = .init(channels: shape[0])
        }
        let answers = TeacherAnswers(setup)
        for sample in setup.selection.samples.prefix(TeacherStatisticsEstimate.sampleCount)
        where !failures.contains(sample.id) {
            let values = try answers.answer(sample, view: 0)
            for (field, value) in zip(network.fields, values) {
                accumulators[field.name]?.add(value)
            }
        }
        let estimates = accumulators.mapValues { $0.estimate() }
        try TeacherStatisticsEstimate.write(estimates, to: path)
        return estimates
    }
}

/// The teacher's answers to single views, cached or live.
struct TeacherAnswers {
    private let setup: RunSetup

    init(_ setup: RunSetup) {
        self.setup = setup
    }

    /// - Returns: one array a field.
    func answer(_ sample: Sample, view: UInt32) throws -> [[Float]] {
        guard
            let targets = setup.targets, let network = setup.teacherNetwork,
            let views = setup.teacherViews
        else { return [] }
        var arrays = targets.fields.map { [Float](repeating: 0, count: $0.count) }
        let found = TargetFields.slots(&arrays, fields: targets.fields, position: 0) {
            targets.load(sample, view: view, into: $0)
        }
        if found { return arrays }
        let image = try views.images(of: sample, views: [view])
        arrays = try image.withUnsafeBufferPointer { try network.answer($0) }
        try TargetFields.slots(&arrays, fields: targets.fields, position: 0) {
            try targets.keep(sample, view: view, rounding: $0)
        }
        return arrays
    }
}
