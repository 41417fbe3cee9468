import Batching
import Configuration
import Modalities
import Networks
import Objectives
import Synchronization

/// Prepares batches: a pure function of (seed, step) but for samples that turn out unreadable.
///
/// A file is decoded when its first batch is made; all views of the pair are then kept. An unreadable
/// sample is replaced by the next one of the epoch's order that can be read, which is the same one
/// whenever the failure is found, so a resumed run still sees the same batches.
final class BatchLoader: Sendable {
    let schedule: BatchSchedule
    let layout: TargetLayout?
    /// What the teacher looks at; nil without a teacher.
    var crops: TeacherCrops? { parts.crops }
    private let parts: Parts
    private let failures: FailedSamples
    private let orders = Mutex<[(epoch: Int, permutation: [Int])]>([])
    private let spare = Mutex<[TrainingBatch]>([])

    /// What the batches are made of.
    private struct Parts: Sendable {
        let selection: SampleSelection
        let views: ViewCache
        let targets: TargetCache?
        let crops: TeacherCrops?
        let classes: [String: Int]
        let readsLabels: Bool
        /// nil: no noise.
        let noise: ModalityNoise?
        let noiseSeed: UInt64
        let epochs: Int
    }

    init(_ setup: RunSetup, failures: FailedSamples) {
        let training = setup.recipe.training
        let classes = setup.descriptor.classes.enumerated().map { ($1, $0) }
        schedule = BatchSchedule(
            samples: setup.selection.samples.count, batch: training.batch,
            seed: UInt64(training.seed))
        layout = setup.targets.map { TargetLayout(fields: $0.fields, batch: training.batch) }
        parts = Parts(
            selection: setup.selection, views: setup.views, targets: setup.targets,
            crops: BatchLoader.crops(setup),
            classes: Dictionary(classes, uniquingKeysWith: { first, _ in first }),
            readsLabels: setup.requirements.labels,
            noise: setup.noise, noiseSeed: UInt64(training.seed) &+ 1, epochs: training.epochs)
        self.failures = failures
    }

    /// The batch of a step counted from the run's beginning.
    func batch(_ step: Int) throws -> TrainingBatch {
        let moment = moment(of: step)
        let permutation = permutation(of: moment.epoch)
        var batch = spare.withLock { $0.popLast() } ?? blank()
        batch.clear()
        for position in 0..<schedule.batch {
            var offset = moment.first + position
            var skipped = 0
            while true {
                let index = permutation[offset % permutation.count]
                if try place(index, at: position, moment, in: &batch) { break }
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
        if (step + 1) % schedule.stepsPerEpoch == 0 {
            let tail = schedule.stepsPerEpoch * schedule.batch
            for index in permutation.dropFirst(tail) { try ask(index, moment, in: &batch) }
        }
        return batch
    }

    /// Gives a batch's memory back for another one.
    func recycle(_ batch: consuming TrainingBatch) {
        let memory = consume batch
        spare.withLock { $0.append(memory) }
    }

    /// A step is done: what only its epoch needed goes with the epoch.
    func finished(_ step: Int) {
        guard (step + 1) % schedule.stepsPerEpoch == 0 else { return }
        parts.crops?.finished(view: moment(of: step).view)
    }

    /// Bytes of one batch, roughly.
    var batchBytes: Int {
        let images = parts.crops.map { schedule.batch * $0.imageBytes } ?? 0
        return 4 * (schedule.batch * parts.views.valueCount + (layout?.count ?? 0)) + images
    }

    // MARK: The order

    /// What a step is about.
    private struct Moment {
        let step: Int
        let epoch: Int
        /// Place of the step's first sample in the epoch's order.
        let first: Int
        let view: UInt32
        /// The views of the epochs that follow, until this one's comes again.
        let upcoming: [UInt32]
    }

    private func moment(of step: Int) -> Moment {
        let epoch = step / schedule.stepsPerEpoch
        let views = parts.views.views.count
        let last = min(parts.epochs, epoch + views)
        return Moment(
            step: step, epoch: epoch, first: step % schedule.stepsPerEpoch * schedule.batch,
            view: UInt32(epoch % views),
            upcoming: (epoch + 1..<max(epoch + 1, last)).map { UInt32($0 % views) })
    }

    /// Around an epoch's end several threads need two orders.
    private func permutation(of epoch: Int) -> [Int] {
        orders.withLock { orders in
            if let known = orders.first(where: { $0.epoch == epoch }) { return known.permutation }
            let permutation = schedule.permutation(epoch: epoch)
            orders = orders.suffix(1) + [(epoch, permutation)]
            return permutation
        }
    }

    // MARK: One sample

    private func blank() -> TrainingBatch {
        let count = schedule.batch
        return TrainingBatch(
            inputs: [Float](repeating: 0, count: count * parts.views.valueCount),
            labels: [Float](
                repeating: 0, count: parts.readsLabels ? count * parts.classes.count : 0),
            targets: [Float](repeating: 0, count: layout?.count ?? 0),
            places: [Float](repeating: 0, count: count))
    }

    /// Loads one sample; false where it cannot be read.
    private func place(
        _ index: Int, at position: Int, _ moment: Moment, in batch: inout TrainingBatch
    ) throws -> Bool {
        let sample = parts.selection.samples[index]
        let partner = parts.selection.samples[parts.selection.partners[index]]
        guard isReadable(sample, partner) else { return false }
        batch.places[position] = Float(index)
        do {
            try fill(position, with: sample, moment, in: &batch)
            guard let targets = parts.targets, !load(targets, partner, moment, position, &batch)
            else { return label(sample, position, in: &batch) }
            try question(partner, moment, position, in: &batch)
        } catch let error as SampleError {
            failures.add(error)
            return false
        }
        return label(sample, position, in: &batch)
    }

    private func isReadable(_ sample: Sample, _ partner: Sample) -> Bool {
        guard !failures.contains(sample.id, parts.views.modality.modality) else { return false }
        guard let targets = parts.targets else { return true }
        return !failures.contains(partner.id, targets.modality)
    }

    private func fill(
        _ position: Int, with sample: Sample, _ moment: Moment, in batch: inout TrainingBatch
    ) throws {
        let count = parts.views.valueCount
        try batch.inputs.withUnsafeMutableBufferPointer { inputs in
            let slot = UnsafeMutableBufferPointer(
                rebasing: inputs[(position * count)..<((position + 1) * count)])
            try parts.views.load(sample, view: moment.view, into: slot)
            guard let noise = parts.noise else { return }
            let index = UInt64(moment.step) &* UInt64(schedule.batch) &+ UInt64(position)
            try parts.views.addNoise(
                noise, to: slot, of: sample, view: moment.view, seed: parts.noiseSeed, index: index)
        }
    }

    private func label(_ sample: Sample, _ position: Int, in batch: inout TrainingBatch) -> Bool {
        if parts.readsLabels, let label = sample.label, let number = parts.classes[label] {
            batch.labels[position * parts.classes.count + number] = 1
        }
        return true
    }

    // MARK: The teacher

    private func load(
        _ targets: TargetCache, _ sample: Sample, _ moment: Moment, _ position: Int,
        _ batch: inout TrainingBatch
    ) -> Bool {
        guard let layout else { return false }
        return withUnsafeTemporaryAllocation(byteCount: targets.recordBytes, alignment: 16) {
            guard targets.read(sample, view: moment.view, into: $0) else { return false }
            let record = UnsafeRawBufferPointer($0)
            batch.targets.withUnsafeMutableBufferPointer { values in
                for field in layout.fields.indices {
                    targets.decode(
                        record, field: field, into: layout.slot(field, position, of: values))
                }
            }
            return true
        }
    }

    private func question(
        _ sample: Sample, _ moment: Moment, _ position: Int?, in batch: inout TrainingBatch
    ) throws {
        guard let crops = parts.crops else { return }
        let image = try crops.ask(
            sample, view: moment.view, upcoming: moment.upcoming, images: &batch.images)
        batch.questions.append(
            .init(position: position, sample: sample, view: moment.view, image: image))
    }

    /// Asks about a sample that an epoch leaves out, so that no later epoch has to for a handful.
    private func ask(_ index: Int, _ moment: Moment, in batch: inout TrainingBatch) throws {
        let sample = parts.selection.samples[index]
        let partner = parts.selection.samples[parts.selection.partners[index]]
        guard isReadable(sample, partner) else { return }
        do {
            try parts.views.fill(sample)
            guard let targets = parts.targets, !targets.isFull,
                !targets.holds(partner, view: moment.view)
            else { return }
            try question(partner, moment, nil, in: &batch)
        } catch let error as SampleError {
            failures.add(error)
        }
    }

    private static func crops(_ setup: RunSetup) -> TeacherCrops? {
        guard let views = setup.teacherViews, let targets = setup.targets else { return nil }
        // The spill takes what is left of the budget when all that is wanted for good has its place.
        let records = setup.selection.samples.count * setup.recipe.training.views
        let reserve =
            max(0, records - setup.views.count) * setup.views.recordBytes
            + max(0, records - targets.count) * targets.recordBytes
        return TeacherCrops(
            views, targets: targets,
            spill: ViewSpill(
                folder: setup.request.cacheFolder, recordBytes: views.recordBytes,
                budget: setup.budget, reserve: Int64(reserve)))
    }
}
