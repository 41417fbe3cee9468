import Batching
import Synchronization

/// The caching phase: every file is decoded once, all its views are kept, and the frozen teacher answers
/// each view once.
///
/// Decoding runs ahead on threads of its own while the teacher works; a pass over what is already there
/// costs a look-up, so a resumed run goes through it again.
struct TargetFilling {
    let samples: [Sample]
    let views: ViewCache
    let teacher: TeacherNetwork?
    /// What the teacher looks at: the same geometry at the teacher's size.
    let teacherViews: ViewCache?
    let targets: TargetCache?
    let failures: FailedSamples
    let threads: Int

    /// A sample's images that the teacher has not answered.
    private struct Work: Sendable {
        let sample: Sample
        let missing: [UInt32]
        let images: [Float]
    }

    /// - Parameter progress: told how many samples are done; returns false to stop.
    func run(progress: (Int) throws -> Bool) throws {
        let all = (0..<UInt32(views.views.count)).map { $0 }
        let prefetcher = Prefetcher<Work>(
            0..<samples.count, depth: 4 * threads + 16, threads: threads
        ) { [samples, views, teacherViews, targets, failures] index in
            let sample = samples[index]
            let nothing = Work(sample: sample, missing: [], images: [])
            do {
                try views.fill(sample, views: all)
                guard let teacherViews, let targets, !targets.isFull else { return nothing }
                let missing = all.filter { !targets.holds(sample, view: $0) }
                guard !missing.isEmpty else { return nothing }
                return Work(
                    sample: sample, missing: missing,
                    images: try teacherViews.images(of: sample, views: missing))
            } catch let error as SampleError {
                failures.add(error)
                return nothing
            }
        }
        defer { prefetcher.stop() }
        var waiting: [Float] = []
        var owners: [(sample: Sample, view: UInt32)] = []
        var done = 0
        while let work = try prefetcher.next() {
            waiting += work.images
            owners += work.missing.map { (work.sample, $0) }
            while owners.count >= TeacherNetwork.batch {
                try answer(&waiting, &owners, count: TeacherNetwork.batch)
            }
            done += 1
            guard try progress(done) else { return }
        }
        if !owners.isEmpty { try answer(&waiting, &owners, count: owners.count) }
    }

    private func answer(
        _ images: inout [Float], _ owners: inout [(sample: Sample, view: UInt32)], count: Int
    ) throws {
        guard let teacher, let targets, let teacherViews else { return }
        let values = count * teacherViews.valueCount
        var answers = try images.withUnsafeBufferPointer { buffer in
            try teacher.answer(UnsafeBufferPointer(rebasing: buffer[0..<values]))
        }
        for position in 0..<count {
            try TargetFields.slots(&answers, fields: targets.fields, position: position) {
                try targets.keep(
                    owners[position].sample, view: owners[position].view, rounding: $0)
            }
        }
        images.removeFirst(values)
        owners.removeFirst(count)
    }
}
