import Catalog
import Foundation
import Synchronization

/// A state folder that goes away with the test.
final class StateFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/catalog-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func open(clock: TestClock = TestClock()) throws -> Catalog {
        try Catalog.open(folder: path, clock: { clock.now })
    }
}

/// A clock that stands still until told otherwise.
final class TestClock: Sendable {
    private let time = Mutex<Int64>(1_700_000_000_000)

    var now: Int64 { time.withLock { $0 } }
    func advance(seconds: Int64) { time.withLock { $0 += seconds * 1_000 } }
}

extension Catalog {
    /// A data set of rgb and depth for tests.
    func addPairs(_ name: String = "kitchen") async throws -> CatalogDataset {
        try await add(
            NewDataset(
                name: name, root: "/data/\(name)", layout: "stem", manifest: "layout = \"stem\"",
                modalities: ["rgb", "depth"], origin: .added))
    }
}

/// A stamp whose parts all follow from one number.
func stamp(_ inode: Int64, size: Int64 = 10, changed: Int64 = 1) -> FileStamp {
    FileStamp(device: 1, inode: inode, size: size, modified: 5, changed: changed)
}

func file(_ modality: String, _ name: String, _ stamp: FileStamp) -> ScanFinding.File {
    ScanFinding.File(modality: modality, path: "\(modality)/\(name)", stamp: stamp)
}

/// A complete sample with inodes `2 * number` and `2 * number + 1`.
func pair(_ key: String, _ number: Int64, isPending: Bool = false) -> ScanFinding {
    ScanFinding(
        key: key, group: key, split: "train",
        files: [
            file("rgb", "\(key).jpg", stamp(2 * number)),
            file("depth", "\(key).png", stamp(2 * number + 1)),
        ], isPending: isPending)
}

func newJob(_ name: String = "job", priority: Int = 0) -> NewJob {
    NewJob(
        name: name, kind: "distill", recipe: "name = \"\(name)\"", dataset: "kitchen", uid: 1000,
        priority: priority)
}
