import Batching

/// Asks the frozen teacher what is not on disk, in groups of the size that it always sees.
///
/// Belongs to the thread that owns the teacher's plan.
final class TeacherAnswers {
    private let network: TeacherNetwork
    private let views: ViewCache
    private let targets: TargetCache
    private let crops: TeacherCrops
    private let layout: TargetLayout
    private var images: [Float]
    private var record: [UInt8]

    /// nil without a teacher.
    init?(_ setup: RunSetup, _ loader: BatchLoader) {
        guard
            let network = setup.teacherNetwork, let views = setup.teacherViews,
            let targets = setup.targets, let layout = loader.layout, let crops = loader.crops
        else { return nil }
        self.crops = crops
        self.network = network
        self.views = views
        self.targets = targets
        self.layout = layout
        images = [Float](repeating: 0, count: TeacherNetwork.batch * views.valueCount)
        record = [UInt8](repeating: 0, count: targets.recordBytes)
    }

    /// Answers the first questions that are open, at most `TeacherNetwork.batch`.
    func answer(_ batches: inout [TrainingBatch]) throws {
        let group = group(of: &batches)
        guard !group.isEmpty else { return }
        for (place, asked) in group.enumerated() {
            try look(at: asked.question, of: batches[asked.batch], place)
        }
        let answers = try images.withUnsafeBufferPointer {
            try network.answer(
                UnsafeBufferPointer(rebasing: $0[0..<(group.count * views.valueCount)]))
        }
        for (place, asked) in group.enumerated() {
            for (field, values) in answers.enumerated() {
                let count = layout.fields[field].count
                values.withUnsafeBufferPointer { values in
                    record.withUnsafeMutableBytes { record in
                        let slice = values[(place * count)..<((place + 1) * count)]
                        targets.encode(
                            UnsafeBufferPointer(rebasing: slice), field: field, into: record)
                    }
                }
            }
            let question = batches[asked.batch].questions[asked.question]
            try record.withUnsafeBytes {
                try targets.keep(question.sample, view: question.view, record: $0)
            }
            crops.answered(question.sample, view: question.view)
            fill(question.position, in: &batches[asked.batch])
        }
    }

    /// The questions to be answered next; those whose answers have got to the disk are done with.
    private func group(of batches: inout [TrainingBatch]) -> [(batch: Int, question: Int)] {
        var group: [(batch: Int, question: Int)] = []
        for number in batches.indices {
            while batches[number].open > 0, group.count < TeacherNetwork.batch {
                let question = batches[number].answered
                if !recall(question, in: &batches[number]) {
                    // What it repeats may be in this very group.
                    let repeats = batches[number].questions[question].image == nil
                    if repeats, !group.isEmpty { return group }
                    group.append((number, question))
                }
                batches[number].answered += 1
            }
        }
        return group
    }

    /// Takes an answer from the disk, if it has got there.
    private func recall(_ number: Int, in batch: inout TrainingBatch) -> Bool {
        let question = batch.questions[number]
        guard targets.holds(question.sample, view: question.view) else { return false }
        let found = record.withUnsafeMutableBytes {
            targets.read(question.sample, view: question.view, into: $0)
        }
        if found {
            crops.answered(question.sample, view: question.view)
            fill(question.position, in: &batch)
        }
        return found
    }

    private func look(at number: Int, of batch: TrainingBatch, _ place: Int) throws {
        let bytes = views.recordBytes
        let count = views.valueCount
        let question = batch.questions[number]
        try images.withUnsafeMutableBufferPointer { images in
            let slot = UnsafeMutableBufferPointer(
                rebasing: images[(place * count)..<((place + 1) * count)])
            if let image = question.image {
                batch.images.withUnsafeBytes {
                    let kept = $0[(image * bytes)..<((image + 1) * bytes)]
                    views.precision.decode(UnsafeRawBufferPointer(rebasing: kept), into: slot)
                }
                return
            }
            // The answer was not kept, so the same is asked once more.
            try withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 16) { kept in
                try crops.load(question.sample, view: question.view, into: kept)
                views.precision.decode(UnsafeRawBufferPointer(kept), into: slot)
            }
        }
    }

    /// Puts the record at hand into a batch: rounded like one that comes from the disk.
    private func fill(_ position: Int?, in batch: inout TrainingBatch) {
        guard let position else { return }
        record.withUnsafeBytes { record in
            batch.targets.withUnsafeMutableBufferPointer { values in
                for field in layout.fields.indices {
                    targets.decode(
                        record, field: field, into: layout.slot(field, position, of: values))
                }
            }
        }
    }
}
