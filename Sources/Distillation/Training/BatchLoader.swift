import Batching
import Synchronization

/// What one training step reads, prepared ahead on threads of its own.
struct TrainingBatch: Sendable {
    /// Student inputs in physical units, `[batch, channels, size, size]`.
    var inputs: [Float]
    /// One-hot labels `[batch, classes]`; empty where no objective reads labels.
    var labels: [Float]
    /// Teacher answers, one array a field, `[batch, field]`; empty without a teacher.
    var targets: [[Float]]
    /// Positions whose teacher answer is not on disk and must be computed live.
    var missing: [Missing]

    /// Puts one sample in another's place.
    mutating func copy(_ source: Int, to target: Int, of batch: Int) {
        func copy(_ values: inout [Float]) {
            let count = values.count / batch
            let piece = values[(source * count)..<((source + 1) * count)]
            values.replaceSubrange((target * count)..<((target + 1) * count), with: piece)
        }
        copy(&inputs)
        if !labels.isEmpty { copy(&labels) }
        for index in targets.indices { copy(&targets[index]) }
    }

    struct Missing: Sendable {
        let position: Int
        let sample: Sample
        let view: UInt32
    }
}

/// Prepares batches: a pure function of (seed, step) but for samples that turn out unreadable.
///
/// An unreadable sample is replaced by the next one of the epoch's order that can be read, which is the
/// same one whenever the failure is found, so a resumed run still sees the same batches.
final class BatchLoader: Sendable {
    let schedule: BatchSchedule
    private let selection: SampleSelection
    private let views: ViewCache
    private let targets: TargetCache?
    private let classes: [String: Int]
    private let readsLabels: Bool
    private let noiseSeed: UInt64?
    private let failures: FailedSamples
    private let order = Mutex<(epoch: Int, permutation: [Int])>((-1, []))

    /// - Parameter noiseSeed: nil: no sensor noise.
    init(
        selection: SampleSelection, views: ViewCache, targets: TargetCache?, classes: [String],
        readsLabels: Bool, batch: Int, seed: UInt64, noiseSeed: UInt64?, failures: FailedSamples
    ) {
        self.selection = selection
        self.views = views
        self.targets = targets
        self.classes = Dictionary(
            classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        self.readsLabels = readsLabels
        self.noiseSeed = noiseSeed
        self.failures = failures
        schedule = BatchSchedule(samples: selection.samples.count, batch: batch, seed: seed)
    }

    /// The batch of a step counted from the run's beginning.
    func batch(_ step: Int) throws -> TrainingBatch {
        let epoch = step / schedule.stepsPerEpoch
        let first = (step % schedule.stepsPerEpoch) * schedule.batch
        let view = UInt32(epoch % views.views.count)
        let permutation = permutation(of: epoch)
        let count = schedule.batch
        var batch = TrainingBatch(
            inputs: [Float](repeating: 0, count: count * views.valueCount),
            labels: readsLabels ? [Float](repeating: 0, count: count * classes.count) : [],
            targets: targets?.fields.map { [Float](repeating: 0, count: count * $0.count) } ?? [],
            missing: [])
        for position in 0..<count {
            var offset = first + position
            var skipped = 0
            while true {
                let index = permutation[offset % permutation.count]
                if try place(index, at: position, view: view, step: step, in: &batch) { break }
                offset += 1
                skipped += 1
                guard skipped < permutation.count else {
                    throw DistillationError(
                        "dataset.all_unreadable",
                        "none of the \(permutation.count) samples of the run can be read",
                        hint: "`distillctl samples list --state quarantined` gives the reasons")
                }
            }
        }
        return batch
    }

    private func permutation(of epoch: Int) -> [Int] {
        order.withLock { order in
            if order.epoch != epoch { order = (epoch, schedule.permutation(epoch: epoch)) }
            return order.permutation
        }
    }

    /// Loads one sample; false where it cannot be read.
    private func place(
        _ index: Int, at position: Int, view: UInt32, step: Int, in batch: inout TrainingBatch
    ) throws -> Bool {
        let sample = selection.samples[index]
        let partner = selection.samples[selection.partners[index]]
        guard !failures.contains(sample.id), !failures.contains(partner.id) else { return false }
        let count = views.valueCount
        do {
            try batch.inputs.withUnsafeMutableBufferPointer { inputs in
                let slot = UnsafeMutableBufferPointer(
                    rebasing: inputs[(position * count)..<((position + 1) * count)])
                try views.load(sample, view: view, into: slot)
                if let noiseSeed {
                    let index = UInt64(step) &* UInt64(schedule.batch) &+ UInt64(position)
                    try views.augment(slot, seed: noiseSeed, index: index)
                }
            }
        } catch let error as SampleError {
            failures.add(error)
            return false
        }
        if readsLabels, let label = sample.label, let number = classes[label] {
            batch.labels[position * classes.count + number] = 1
        }
        if let targets, !load(targets, partner, view, position, &batch) {
            batch.missing.append(.init(position: position, sample: partner, view: view))
        }
        return true
    }

    private func load(
        _ targets: TargetCache, _ sample: Sample, _ view: UInt32, _ position: Int,
        _ batch: inout TrainingBatch
    ) -> Bool {
        guard targets.holds(sample, view: view) else { return false }
        return TargetFields.slots(&batch.targets, fields: targets.fields, position: position) {
            targets.load(sample, view: view, into: $0)
        }
    }
}

/// Lends one sample's places in the arrays of all fields.
enum TargetFields {
    static func slots<Result>(
        _ arrays: inout [[Float]], fields: [TargetCache.Field], position: Int,
        _ body: ([UnsafeMutableBufferPointer<Float>]) throws -> Result
    ) rethrows -> Result {
        // Nested closures lend all arrays at once; the recursion ends after a handful of fields.
        try lend(&arrays, fields, position, 0, [], body)
    }

    private static func lend<Result>(
        _ arrays: inout [[Float]], _ fields: [TargetCache.Field], _ position: Int, _ number: Int,
        _ slots: [UnsafeMutableBufferPointer<Float>],
        _ body: ([UnsafeMutableBufferPointer<Float>]) throws -> Result
    ) rethrows -> Result {
        guard number < fields.count else { return try body(slots) }
        let count = fields[number].count
        var array: [Float] = []
        swap(&array, &arrays[number])
        defer { swap(&array, &arrays[number]) }
        return try array.withUnsafeMutableBufferPointer { buffer in
            let slot = UnsafeMutableBufferPointer(
                rebasing: buffer[(position * count)..<((position + 1) * count)])
            return try lend(&arrays, fields, position, number + 1, slots + [slot], body)
        }
    }
}

/// The samples that a run gave up on, and whom to tell.
final class FailedSamples: Sendable {
    private struct State {
        var ids: Set<Int64>
        var unreported: [SampleError] = []
    }

    private let state: Mutex<State>

    init(_ known: [Int64] = []) {
        state = Mutex(State(ids: Set(known)))
    }

    func contains(_ sample: Int64) -> Bool { state.withLock { $0.ids.contains(sample) } }

    func add(_ error: SampleError) {
        state.withLock { state in
            if state.ids.insert(error.sample).inserted { state.unreported.append(error) }
        }
    }

    func add(known ids: [Int64]) { state.withLock { $0.ids.formUnion(ids) } }

    var ids: [Int64] { state.withLock { $0.ids.sorted() } }

    /// The failures since the last call.
    func drain() -> [SampleError] {
        state.withLock { state in
            defer { state.unreported = [] }
            return state.unreported
        }
    }
}
