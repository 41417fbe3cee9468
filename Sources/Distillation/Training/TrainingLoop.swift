import Batching
import Configuration
import Execution
import Foundation
import Graphs
import Networks
import Objectives
import Tensors

/// The steps of a run: feed, run, record, checkpoint.
final class TrainingLoop {
    let graph: TrainingGraph
    let store = StateStore()
    private(set) var step = 0
    /// What was last said of the training.
    private(set) var lastProgress: RunProgress?

    private let setup: RunSetup
    private let plan: Plan
    private let loader: BatchLoader
    private let schedule: any LearningRateSchedule
    private let average: ExponentialMovingAverage?
    private let failures: FailedSamples
    private let observer: any RunObserver
    private let metrics: MetricsLog
    private let answers: TeacherAnswers?
    private let identity: String
    /// Names of what the training step is fed.
    private let inputs: Set<String>

    /// What metrics call the objectives: their methods, numbered where one is used again.
    private let lossNames: [String]

    /// Steps of the whole run.
    let steps: Int
    /// Whether the run was resumed behind its last step.
    private let finished: Bool
    /// What `evaluate_every` calls between epochs.
    var evaluation: (() throws -> [String: Double])?

    init(
        _ setup: RunSetup, _ loader: BatchLoader, _ answers: TeacherAnswers?,
        failures: FailedSamples, observer: any RunObserver
    ) throws {
        self.setup = setup
        self.loader = loader
        self.answers = answers
        self.failures = failures
        self.observer = observer
        let recipe = setup.recipe
        let training = recipe.training
        identity = setup.identity
        var seen: [String: Int] = [:]
        lossNames = setup.objectives.objectives.map {
            let name = type(of: $0).name
            seen[name, default: 0] += 1
            return seen[name] == 1 ? name : "\(name).\(seen[name] ?? 1)"
        }
        graph = try setup.trainingGraph()
        inputs = Set(graph.graph.inputs.map(\.name))
        try store.declare(statesOf: graph.graph, seed: UInt64(training.seed))
        plan = try CPUExecutor().compile(
            graph.graph, store: store,
            options: PlanOptions(
                threads: setup.request.threads, label: "training", inference: false,
                precision: setup.precision))
        steps = loader.schedule.stepsPerEpoch * training.epochs
        schedule = CosineSchedule(
            peak: training.learningRate, steps: steps, warmUp: training.warmup)
        average =
            training.ema > 0
            ? ExponentialMovingAverage(decay: training.ema, warmsUp: true) : nil
        var resumed = 0
        if let checkpoint = try TrainingLoop.restore(setup, identity, into: store, observer) {
            resumed = checkpoint.step
            failures.add(known: checkpoint.failedSamples)
        }
        metrics = try MetricsLog(
            path: setup.request.runFolder + "/metrics.jsonl", resumingAt: resumed)
        step = resumed
        finished = resumed >= steps
        if resumed == 0 { try begin() }
    }

    /// - Parameter statistics: what the teacher's tensors are standardised with.
    /// - Returns: false when the observer asked for an end; a checkpoint was written.
    func run(_ statistics: [String: TeacherStatisticsEstimate]) throws -> Bool {
        let perEpoch = loader.schedule.stepsPerEpoch
        let batch = loader.schedule.batch
        try feedConstants(statistics)
        let batches = AnsweredBatches(
            loader, answers: answers, steps: step..<steps, threads: setup.request.threads)
        var clock = EpochClock(step: step)
        var saved = Date()
        while step < steps, let item = try batches.next() {
            let losses = try train(on: item)
            loader.recycle(consume item)
            loader.finished(step)
            step += 1
            for error in failures.drain() { observer.failed(error) }
            clock.ticked(step)
            if clock.shouldReport || step == steps {
                let rate = clock.stepsPerSecond(step)
                let progress = RunProgress(
                    step: step, steps: steps, epoch: (step - 1) / perEpoch + 1,
                    epochs: setup.recipe.training.epochs,
                    samplesPerSecond: rate * Double(batch),
                    secondsLeft: rate > 0 ? Double(steps - step) / rate : 0,
                    learningRate: schedule.rate(step: step - 1), losses: losses)
                observer.progressed(progress)
                lastProgress = progress
                clock.reported()
            }
            var values = losses
            values["learning_rate"] = schedule.rate(step: step - 1)
            if step == 1, let teacher = setup.quantizedTeacher {
                values.merge(teacher.metrics) { $1 }
            }
            if step % perEpoch == 0 {
                values["epoch_seconds"] = clock.epochSeconds()
                values["samples_per_second"] =
                    Double(perEpoch * batch) / max(1e-6, values["epoch_seconds"] ?? 0)
                clock.beganEpoch()
            }
            let epoch = (step - 1) / perEpoch + 1
            var flags: [String: Bool] = [:]
            let every = setup.recipe.training.evaluateEvery
            if step % perEpoch == 0, step < steps, every > 0, epoch % every == 0 {
                let measured = try evaluation?() ?? [:]
                for (name, value) in measured where name != "collapsed" {
                    values["test.\(name)"] = value
                }
                flags["collapsed"] = measured["collapsed"].map { $0 == 1 }
                clock.beganEpoch()
            }
            try metrics.append(values, flags: flags, step: step, epoch: epoch)
            if observer.shouldStop {
                try checkpoint()
                return false
            }
            if Date().timeIntervalSince(saved) >= Double(setup.recipe.training.checkpointEvery) {
                try checkpoint()
                saved = Date()
            }
        }
        // What follows, measuring and exporting, may be interrupted too.
        if step == steps, !finished { try checkpoint() }
        return true
    }

    /// Adds to the metrics that the finished student turned out to have collapsed.
    func noteCollapse() throws {
        try metrics.append(
            [:], flags: ["collapsed": true], step: step, epoch: setup.recipe.training.epochs)
    }

    // MARK: One step

    /// What stays the same in all steps.
    private func feedConstants(_ statistics: [String: TeacherStatisticsEstimate]) throws {
        for (tap, estimate) in statistics {
            try feed("teacher.\(tap).mean", estimate.mean)
            try feed("teacher.\(tap).std", estimate.deviation)
        }
    }

    private func train(on batch: borrowing TrainingBatch) throws -> [String: Double] {
        try feed(setup.descriptor.modality, batch.inputs)
        if setup.requirements.labels { try feed(TrainingGraph.labels, batch.labels) }
        try feedPlaces(batch)
        if let layout = loader.layout {
            try batch.targets.withUnsafeBufferPointer { targets in
                for (number, field) in layout.fields.enumerated() {
                    try plan.feed(
                        "teacher.\(field.name)",
                        values: UnsafeBufferPointer(rebasing: targets[layout.range(number)]))
                }
            }
        }
        let weights = setup.objectives.weightFeeds(
            step: step, stepsPerEpoch: loader.schedule.stepsPerEpoch)
        for (name, weight) in weights { try feed(name, [Float(weight)]) }
        try feed(TrainingGraph.learningRate, [Float(schedule.rate(step: step))])
        if let average, average.warmsUp {
            try feed(ExponentialMovingAverage.decayInput, [Float(average.decay(step: step))])
        }
        try plan.run()
        var losses: [String: Double] = ["total": Double(try plan.scalar(ObjectiveSet.totalOutput))]
        for (index, name) in setup.objectives.outputNames.enumerated() {
            losses[lossNames[index]] = Double(try plan.scalar(name))
        }
        for (index, name) in setup.objectives.balancedWeightOutputs {
            losses["\(lossNames[index]).weight"] = Double(try plan.scalar(name))
        }
        guard losses["total"]?.isFinite == true else {
            throw DistillationError(
                "training.diverged",
                "the loss is not a number any more at step \(step) (learning rate "
                    + "\(schedule.rate(step: step)))",
                hint: "lower [training] learning_rate, or raise gradient_clip from 0")
        }
        return losses
    }

    /// Where the batch's samples stand in the run's list, and others to contrast them with: for memories.
    private func feedPlaces(_ batch: borrowing TrainingBatch) throws {
        guard inputs.contains(ObjectiveContext.sampleIndexInput) else { return }
        try feed(ObjectiveContext.sampleIndexInput, batch.places)
        guard inputs.contains(ObjectiveContext.negativesInput) else { return }
        let samples = loader.schedule.samples
        let drawn = NegativeSampling.draw(
            min(setup.requirements.negatives, samples), among: samples,
            seed: UInt64(setup.recipe.training.seed), step: step)
        try feed(ObjectiveContext.negativesInput, drawn)
    }

    private func feed(_ name: String, _ values: [Float]) throws {
        try values.withUnsafeBufferPointer { try plan.feed(name, values: $0) }
    }

    // MARK: Beginning and keeping

    /// Begins the student from another model's weights where the recipe says so.
    private func begin() throws {
        guard let beginning = try setup.beginning() else { return }
        for (name, tensor) in beginning.transfer.states {
            try store.write(name, tensor)
            let average = ExponentialMovingAverage.averageName(of: name)
            if store.contains(average) { try store.write(average, tensor) }
        }
        observer.log("info", beginning.summary)
    }

    func checkpoint() throws {
        let checkpoint = Checkpoint(
            step: step, identity: identity, threads: setup.request.threads,
            failedSamples: failures.ids)
        observer.wrote(
            try checkpoint.write(store, to: setup.request.runFolder + "/checkpoints"))
    }

    private static func restore(
        _ setup: RunSetup, _ identity: String, into store: StateStore, _ observer: any RunObserver
    ) throws -> Checkpoint? {
        for candidate in setup.request.checkpoints {
            do {
                let checkpoint = try Checkpoint.restore(
                    candidate.path, sha256: candidate.sha256, identity: identity,
                    threads: setup.request.threads, into: store)
                observer.log("info", "resumed at step \(checkpoint.step) from \(candidate.path)")
                return checkpoint
            } catch {
                // A damaged checkpoint costs the steps since the one before it, never the run.
                observer.log("warning", "checkpoint \(candidate.path) is not used: \(error)")
            }
        }
        return nil
    }
}

/// When to report, and how fast it goes.
private struct EpochClock {
    private var last = Date()
    private var lastStep: Int
    private var epochBegan = Date()
    private var rate = 0.0
    private(set) var shouldReport = false

    init(step: Int) {
        lastStep = step
    }

    mutating func ticked(_ step: Int) {
        shouldReport = Date().timeIntervalSince(last) >= 0.5
    }

    /// Steps a second, smoothed over the reports.
    mutating func stepsPerSecond(_ step: Int) -> Double {
        let seconds = Date().timeIntervalSince(last)
        if seconds > 0, step > lastStep {
            let now = Double(step - lastStep) / seconds
            rate = rate == 0 ? now : 0.7 * rate + 0.3 * now
            lastStep = step
        }
        return rate
    }

    mutating func reported() {
        last = Date()
        shouldReport = false
    }

    func epochSeconds() -> Double { Date().timeIntervalSince(epochBegan) }

    mutating func beganEpoch() { epochBegan = Date() }
}
