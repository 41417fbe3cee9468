import Batching

/// The batches of consecutive steps, each with all of its answers.
///
/// Batches are made ahead on threads of their own; the teacher answers on the thread that calls `next`,
/// in full groups: where a batch leaves a group unfilled, the batches behind it fill it.
final class AnsweredBatches {
    /// What batches made ahead may take.
    private static let memory = 48 << 20

    private let prefetcher: Prefetcher<TrainingBatch>
    private let answers: TeacherAnswers?
    private let batch: Int
    private var window: [TrainingBatch] = []

    init(_ loader: BatchLoader, answers: TeacherAnswers?, steps: Range<Int>, threads: Int) {
        // At least one batch is made while another is computed, whatever they weigh.
        let depth = min(16, max(2, AnsweredBatches.memory / max(1, loader.batchBytes)))
        let threads = min(max(1, threads), depth)
        self.answers = answers
        batch = loader.schedule.batch
        prefetcher = Prefetcher(steps, depth: depth, threads: threads) {
            try loader.batch($0)
        }
    }

    deinit { prefetcher.stop() }

    /// The next batch, nil after the last.
    func next() throws -> TrainingBatch? {
        if window.isEmpty, try !pull() { return nil }
        while let answers, window[0].open > 0 {
            while isGroupOpen, try pull() {}
            try answers.answer(&window)
        }
        return window.removeFirst()
    }

    /// Whether a group has room that the next batch could fill.
    private var isGroupOpen: Bool {
        let open = window.reduce(0) { $0 + $1.open }
        let limit = 1 + (TeacherNetwork.batch + batch - 1) / batch
        return open < TeacherNetwork.batch && window.count < limit
            && window.last.map { !$0.questions.isEmpty } ?? false
    }

    private func pull() throws -> Bool {
        guard let batch = try prefetcher.next() else { return false }
        window.append(batch)
        return true
    }
}
