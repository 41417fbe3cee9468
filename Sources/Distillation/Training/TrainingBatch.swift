import Batching

/// What one training step reads, prepared ahead on threads of its own.
struct TrainingBatch: Sendable {
    /// An answer that is not on disk.
    struct Question: Sendable {
        /// Whose answer it is in the batch; nil where the answer is only kept for a later epoch.
        let position: Int?
        let sample: Sample
        let view: UInt32
        /// Which of the batch's images is to be looked at; nil where an earlier question is the same.
        let image: Int?
    }

    /// Student inputs in physical units, `[batch, channels, size, size]`.
    var inputs: [Float]
    /// One-hot labels `[batch, classes]`; empty where no objective reads labels.
    var labels: [Float]
    /// Teacher answers as `TargetLayout` says; empty without a teacher.
    var targets: [Float]
    /// The samples' places in the run's list, `[batch]`.
    var places: [Float]
    /// What the teacher must still be asked.
    var questions: [Question] = []
    /// What it looks at, as views are kept, one behind the other.
    var images: [UInt8] = []
    /// How many of the questions are answered.
    var answered = 0

    var open: Int { questions.count - answered }

    /// Makes the batch ready for another step; memory stays.
    mutating func clear() {
        for index in labels.indices { labels[index] = 0 }
        // The images of a first epoch would lie idle in all later ones.
        if questions.isEmpty { images = [] }
        images.removeAll(keepingCapacity: true)
        questions.removeAll(keepingCapacity: true)
        answered = 0
    }
}

/// Where the teacher's answers lie in a batch: field after field, each `[batch, field]`.
struct TargetLayout: Sendable {
    let fields: [TargetCache.Field]
    let batch: Int
    private let offsets: [Int]
    let count: Int

    init(fields: [TargetCache.Field], batch: Int) {
        self.fields = fields
        self.batch = batch
        var offsets: [Int] = []
        var end = 0
        for field in fields {
            offsets.append(end)
            end += batch * field.count
        }
        self.offsets = offsets
        count = end
    }

    /// One field of the whole batch.
    func range(_ field: Int) -> Range<Int> {
        offsets[field]..<(offsets[field] + batch * fields[field].count)
    }

    /// One field of one sample.
    func slot(
        _ field: Int, _ position: Int, of targets: UnsafeMutableBufferPointer<Float>
    ) -> UnsafeMutableBufferPointer<Float> {
        let count = fields[field].count
        let begin = offsets[field] + position * count
        return UnsafeMutableBufferPointer(rebasing: targets[begin..<(begin + count)])
    }
}
