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
        let finish = RunFinish(setup, loop: loop, statistics: statistics, observer: observer)
        loop.evaluation = { try finish.evaluate(finish.studentWeights()) }
        defer { loop.evaluation = nil }
        let weights: [String: Tensor<Float>]
        let outcome: [String: Double]
        do {
            guard try loop.run() else { return .stopped }
            observer.entered(phase: "evaluating")
            weights = try finish.studentWeights()
            outcome = try finish.evaluate(weights)
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
        let identity = setup.identity
        if let kept = TeacherStatisticsEstimate.read(path, taps: taps, identity: identity) {
            return kept
        }
        var accumulators: [String: TeacherStatisticsEstimate.Accumulator] = [:]
        for (field, shape) in zip(network.fields, network.shapes) where taps.contains(field.name) {
            accumulators[field.name] = .init(channels: shape[0])
        }
        let answers = TeacherAnswers(setup)
        let samples = setup.selection.samples.prefix(TeacherStatisticsEstimate.sampleCount)
        for start in stride(from: 0, to: samples.count, by: TeacherNetwork.batch) {
            let chunk = samples[start..<min(start + TeacherNetwork.batch, samples.count)]
            let asked = chunk.filter { !failures.contains($0.id) }.map {
                (sample: $0, view: UInt32(0))
            }
            for values in try answers.answer(asked, failures) {
                guard let values else { continue }
                for (field, value) in zip(network.fields, values) {
                    accumulators[field.name]?.add(value)
                }
            }
        }
        let estimates = accumulators.mapValues { $0.estimate() }
        try TeacherStatisticsEstimate.write(estimates, identity: identity, to: path)
        return estimates
    }
}
