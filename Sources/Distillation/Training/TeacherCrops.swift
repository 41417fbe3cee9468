import Batching
import Synchronization

/// What the teacher looks at: a kept view, else one that was put aside, else the file.
///
/// A file that has to be decoded is cut at once into all the views that the teacher will be asked about in
/// the epochs to come; they wait in a spill until their epoch.
final class TeacherCrops: Sendable {
    private let views: ViewCache
    private let targets: TargetCache
    private let spill: ViewSpill
    /// What the teacher will have answered before it comes to a question that is asked now.
    private let pending = Mutex<Set<Asked>>([])

    private struct Asked: Hashable {
        let sample: Int64
        let view: UInt32
    }

    init(_ views: ViewCache, targets: TargetCache, spill: ViewSpill) {
        self.views = views
        self.targets = targets
        self.spill = spill
    }

    /// Bytes of one image.
    var imageBytes: Int { views.recordBytes }

    /// Adds the image of a view as it is kept, unless the same has been asked already.
    ///
    /// - Parameter upcoming: the views of the epochs that follow.
    /// - Returns: the image's place, nil where none was added.
    /// - Throws: `SampleError` where the file cannot be read.
    func ask(
        _ sample: Sample, view: UInt32, upcoming: [UInt32], images: inout [UInt8]
    ) throws -> Int? {
        let asked = Asked(sample: sample.id, view: view)
        guard pending.withLock({ $0.insert(asked).inserted }) || targets.isFull else { return nil }
        let start = images.count
        images.append(contentsOf: repeatElement(0, count: imageBytes))
        do {
            try images.withUnsafeMutableBytes { bytes in
                try load(
                    sample, view: view, upcoming: upcoming,
                    into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
            }
        } catch {
            images.removeLast(imageBytes)
            answered(sample, view: view)
            throw error
        }
        return start / imageBytes
    }

    /// From now on the answer is on disk, or there is no room for it.
    func answered(_ sample: Sample, view: UInt32) {
        _ = pending.withLock { $0.remove(Asked(sample: sample.id, view: view)) }
    }

    /// An epoch is over: nobody will ask for its view again soon.
    func finished(view: UInt32) { spill.drop(view: view) }

    /// Copies the image of a view as it is kept.
    ///
    /// - Throws: `SampleError` where the file cannot be read.
    func load(
        _ sample: Sample, view: UInt32, upcoming: [UInt32] = [],
        into image: UnsafeMutableRawBufferPointer
    ) throws {
        if views.read(sample, view: view, into: image) { return }
        if let key = views.key(of: sample, view: view), spill.read(key, into: image) { return }
        let others = upcoming.filter { other in
            guard other != view, let key = views.key(of: sample, view: other) else { return false }
            return !targets.holds(sample, view: other) && !views.holds(sample, view: other)
                && !spill.holds(key)
        }
        try views.decode(sample, views: [view] + others) { number, record in
            if number == view {
                image.copyMemory(from: record)
            } else if let key = views.key(of: sample, view: number) {
                spill.keep(key, record)
            }
        }
    }
}
