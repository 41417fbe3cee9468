import Batching
import Objectives
import Tensors

/// The caching phase: the teacher answers the first pairs of the first epoch, whose mean and deviation
/// the run standardises with.
///
/// The training begins with the same pairs and finds their answers on disk.
final class TeacherStatisticsPass {
    /// Pairs to look at.
    let samples: Int

    /// What is wrong with the teacher's scores, once the pass is done; nil where nothing is.
    private(set) var warning: String?

    private let setup: RunSetup
    private let loader: BatchLoader
    private let batches: AnsweredBatches

    /// Begins to decode.
    init(_ setup: RunSetup, _ loader: BatchLoader, _ answers: TeacherAnswers?) {
        self.setup = setup
        self.loader = loader
        let batch = loader.schedule.batch
        let wanted = (TeacherStatisticsEstimate.sampleCount + batch - 1) / batch
        let steps = min(wanted, loader.schedule.stepsPerEpoch)
        samples = steps * batch
        batches = AnsweredBatches(
            loader, answers: answers, steps: 0..<steps, threads: setup.request.threads)
    }

    /// The numbers that an earlier part of the run wrote; empty where no objective standardises.
    static func kept(_ setup: RunSetup) -> [String: TeacherStatisticsEstimate]? {
        let taps = setup.requirements.statistics.sorted()
        guard !taps.isEmpty, setup.teacherNetwork != nil else { return [:] }
        return TeacherStatisticsEstimate.read(
            path(setup), taps: taps, identity: setup.identity)
    }

    private static func path(_ setup: RunSetup) -> String {
        setup.request.runFolder + "/teacher-statistics.safetensors"
    }

    /// - Parameter progress: told how many samples are done; returns false to stop.
    /// - Returns: nil when it was stopped.
    func run(progress: (Int) -> Bool) throws -> [String: TeacherStatisticsEstimate]? {
        guard let network = setup.teacherNetwork, let layout = loader.layout else { return [:] }
        var accumulators: [Int: TeacherStatisticsEstimate.Accumulator] = [:]
        for (field, shape) in network.shapes.enumerated()
        where setup.requirements.statistics.contains(layout.fields[field].name) {
            accumulators[field] = .init(channels: shape[0])
        }
        let scored = layout.fields.firstIndex { $0.name == "logits" }
        var spread = scored.map { AnswerSpread(width: layout.fields[$0].count) }
        var done = 0
        while let batch = try batches.next() {
            batch.targets.withUnsafeBufferPointer { targets in
                for field in accumulators.keys {
                    let values = targets[layout.range(field)]
                    let count = layout.fields[field].count
                    for start in stride(from: values.startIndex, to: values.endIndex, by: count) {
                        accumulators[field]?.add(values[start..<(start + count)])
                    }
                }
            }
            if let scored {
                batch.targets.withUnsafeBufferPointer { targets in
                    let values = targets[layout.range(scored)]
                    let count = layout.fields[scored].count
                    for start in stride(from: values.startIndex, to: values.endIndex, by: count) {
                        spread?.add(values[start..<(start + count)])
                    }
                }
            }
            done += loader.schedule.batch
            loader.recycle(consume batch)
            guard progress(done) else { return nil }
        }
        var estimates: [String: TeacherStatisticsEstimate] = [:]
        for (field, accumulator) in accumulators {
            estimates[layout.fields[field].name] = accumulator.estimate()
        }
        if let document = setup.teacher?.document {
            warning = spread?.warning(of: document.name, classes: document.classes)
        }
        try TeacherStatisticsEstimate.write(
            estimates, identity: setup.identity, to: TeacherStatisticsPass.path(setup))
        return estimates
    }
}
