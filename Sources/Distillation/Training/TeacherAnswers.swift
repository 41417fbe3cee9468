import Batching

/// Asks the frozen teacher what is not on disk, in groups of the size that it always sees.
///
/// Belongs to the thread that owns the teacher's plan.
final class TeacherAnswers {
    private let network: TeacherNetwork
    private let views: ViewCache
    private let targets: TargetCache
    private let layout: TargetLayout
    private var images: [Float]
    private var record: [UInt8]

    /// nil without a teacher.
    init?(_ setup: RunSetup, _ layout: TargetLayout?) {
        guard
            let network = setup.teacherNetwork, let views = setup.teacherViews,
            let targets = setup.targets, let layout
        else { return nil }
        self.network = network
        self.views = views
        self.targets = targets
        self.layout = layout
        images = [Float](repeating: 0, count: TeacherNetwork.batch * views.valueCount)
        record = [UInt8](repeating: 0, count: targets.recordBytes)
    }

    /// Answers the first questions that are open, at most `TeacherNetwork.batch`.
    func answer(_ batches: inout [TrainingBatch]) throws {
        var group: [(batch: Int, question: Int)] = []
        for number in batches.indices {
            let first = batches[number].answered
            let count = min(batches[number].open, TeacherNetwork.batch - group.count)
            for question in first..<(first + count) {
                // Another batch may have asked the same in the meantime.
                if try !recall(question, in: &batches[number]) { group.append((number, question)) }
            }
            batches[number].answered += count
        }
        guard !group.isEmpty else { return }
        for (place, asked) in group.enumerated() {
            look(at: asked.question, of: batches[asked.batch], place)
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
            fill(question.position, in: &batches[asked.batch])
        }
    }

    /// Takes an answer from the disk, if it has got there.
    private func recall(_ number: Int, in batch: inout TrainingBatch) throws -> Bool {
        let question = batch.questions[number]
        guard targets.holds(question.sample, view: question.view) else { return false }
        let found = record.withUnsafeMutableBytes {
            targets.read(question.sample, view: question.view, into: $0)
        }
        if found { fill(question.position, in: &batch) }
        return found
    }

    private func look(at question: Int, of batch: TrainingBatch, _ place: Int) {
        let bytes = views.recordBytes
        let count = views.valueCount
        batch.images.withUnsafeBytes { source in
            images.withUnsafeMutableBufferPointer { images in
                views.precision.decode(
                    UnsafeRawBufferPointer(
                        rebasing: source[(question * bytes)..<((question + 1) * bytes)]),
                    into: UnsafeMutableBufferPointer(
                        rebasing: images[(place * count)..<((place + 1) * count)]))
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
