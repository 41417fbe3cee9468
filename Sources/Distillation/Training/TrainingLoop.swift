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
    private let statistics: [String: TeacherStatisticsEstimate]
    private let failures: FailedSamples
    private let observer: any RunObserver
    private let metrics: MetricsLog
    private let answers: TeacherAnswers
    private let identity: String

    /// Steps of the whole run.
    let steps: Int
    /// Whether the run was resumed behind its last step.
    private let finished: Bool
    /// What `evaluate_every` calls between epochs.
    var evaluation: (() throws -> [String: Double])?

    init(
        _ setup: RunSetup, statistics: [String: TeacherStatisticsEstimate], failures: FailedSamples,
        observer: any RunObserver
    ) throws {
        self.setup = setup
        self.statistics = statistics
        self.failures = failures
        self.observer = observer
        let recipe = setup.recipe
        let training = recipe.training
        answers = TeacherAnswers(setup)
        identity = setup.identity
        graph = try setup.trainingGraph()
        try store.declare(statesOf: graph.graph, seed: UInt64(training.seed))
        plan = try CPUExecutor().compile(
            graph.graph, store: store,
            options: PlanOptions(
                threads: setup.request.threads, label: "training", inference: false))
        loader = BatchLoader(
            selection: setup.selection, views: setup.views, targets: setup.targets,
            classes: setup.descriptor.classes, readsLabels: setup.requirements.labels,
            batch: training.batch, seed: UInt64(training.seed),
            noiseSeed: training.noise ? UInt64(training.seed) &+ 1 : nil, failures: failures)
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

    /// - Returns: false when the observer asked for an end; a checkpoint was written.
    func run() throws -> Bool {
        let perEpoch = loader.schedule.stepsPerEpoch
        let batch = loader.schedule.batch
        let loader = loader
        let prefetcher = Prefetcher(step..<steps, depth: 4, threads: 1) {
            try loader.batch($0)
        }
        defer { prefetcher.stop() }
        var clock = EpochClock(step: step)
        var saved = Date()
        while step < steps, let item = try prefetcher.next() {
            let losses = try train(on: item)
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
            if step % perEpoch == 0 {
                values["epoch_seconds"] = clock.epochSeconds()
                values["samples_per_second"] =
                    Double(perEpoch * batch) / max(1e-6, values["epoch_seconds"] ?? 0)
                clock.beganEpoch()
            }
            let epoch = (step - 1) / perEpoch + 1
            let every = setup.recipe.training.evaluateEvery
            if step % perEpoch == 0, step < steps, every > 0, epoch % every == 0 {
                for (name, value) in try evaluation?() ?? [:] { values["test.\(name)"] = value }
                clock.beganEpoch()
            }
            try metrics.append(values, step: step, epoch: epoch)
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

    // MARK: One step

    private func train(on batch: TrainingBatch) throws -> [String: Double] {
        var batch = batch
        try complete(&batch)
        try feed(setup.descriptor.modality, batch.inputs)
        if setup.requirements.labels { try feed(TrainingGraph.labels, batch.labels) }
        if let targets = setup.targets {
            for (field, values) in zip(targets.fields, batch.targets) {
                try feed("teacher.\(field.name)", values)
            }
        }
        for (tap, estimate) in statistics {
            try feed("teacher.\(tap).mean", estimate.mean)
            try feed("teacher.\(tap).std", estimate.deviation)
        }
        for (name, weight) in setup.objectives.weightFeeds { try feed(name, [Float(weight)]) }
        try feed(TrainingGraph.learningRate, [Float(schedule.rate(step: step))])
        if let average, average.warmsUp {
            try feed(ExponentialMovingAverage.decayInput, [Float(average.decay(step: step))])
        }
        try plan.run()
        var losses: [String: Double] = ["total": Double(try plan.scalar(ObjectiveSet.totalOutput))]
        for (name, objective) in zip(setup.objectives.outputNames, setup.objectives.objectives) {
            losses[type(of: objective).name] = Double(try plan.scalar(name))
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

    /// Asks the teacher for the answers that are not on disk.
    ///
    /// A sample whose RGB turns out unreadable gives its place to the batch's first complete one.
    private func complete(_ batch: inout TrainingBatch) throws {
        guard !batch.missing.isEmpty else { return }
        let found = try answers.answer(
            batch.missing.map { (sample: $0.sample, view: $0.view) }, failures)
        var unanswered: [Int] = []
        for (missing, values) in zip(batch.missing, found) {
            guard let values else {
                unanswered.append(missing.position)
                continue
            }
            for (field, value) in values.enumerated() {
                let offset = missing.position * value.count
                batch.targets[field].replaceSubrange(offset..<(offset + value.count), with: value)
            }
        }
        guard !unanswered.isEmpty else { return }
        let places = Set(unanswered)
        guard let whole = (0..<loader.schedule.batch).first(where: { !places.contains($0) }) else {
            throw DistillationError(
                "dataset.all_unreadable", "no sample of the batch at step \(step) can be read",
                hint: "`distillctl samples list --state quarantined` gives the reasons",
                retryable: true)
        }
        for position in unanswered { batch.copy(whole, to: position, of: loader.schedule.batch) }
    }

    private func feed(_ name: String, _ values: [Float]) throws {
        try values.withUnsafeBufferPointer { try plan.feed(name, values: $0) }
    }

    // MARK: Beginning and keeping

    /// Begins the student from another model's weights where the recipe says so.
    private func begin() throws {
        let source: LoadedModel?
        switch setup.recipe.student.initialise {
        case .random: source = nil
        case .teacher: source = setup.teacher
        default:
            source = try setup.request.initial.map {
                try LoadedModel(folder: $0, host: setup.request.host)
            }
        }
        guard let source else { return }
        let architecture = try ArchitectureRegistry.architecture(setup.descriptor.architecture)
        let transfer = WeightTransfer(
            from: source.weights, to: graph.graph.states.map(\.declaration),
            inputKernel: architecture.inputKernel,
            sharesInputMeaning: source.document.modality == setup.descriptor.modality)
        for (name, tensor) in transfer.states {
            try store.write(name, tensor)
            let average = ExponentialMovingAverage.averageName(of: name)
            if store.contains(average) { try store.write(average, tensor) }
        }
        let total = transfer.copied.count + transfer.adapted.count
        observer.log(
            "info",
            "student begins with \(total) tensors of `\(source.document.name)`"
                + (transfer.adapted.isEmpty
                    ? "" : ", adapted: \(transfer.adapted.joined(separator: ", "))"))
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
