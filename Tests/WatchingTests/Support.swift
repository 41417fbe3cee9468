import Catalog
import Foundation
import Logging
import Testing
import Watching

/// A catalog, a data folder and a watch service that go away with the test.
final class Bench: Sendable {
    let folder: String
    let data: String
    let catalog: Catalog
    let service: WatchService

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private init(folder: String, catalog: Catalog, settings: WatchSettings) throws {
        self.folder = folder
        self.catalog = catalog
        data = "\(folder)/data"
        service = try WatchService(
            catalog: catalog, settings: settings, logger: Self.silent, onChange: { _, _ in })
    }

    /// Runs a test on a bench of its own.
    ///
    /// - Parameter discovers: Whether the data folder is a root in which data sets are found.
    static func run(
        discovers: Bool = false, change: (inout WatchSettings) -> Void = { _ in },
        _ body: (Bench) async throws -> Void
    ) async throws {
        // The temporary folder may be behind a link; the service names real paths.
        let temporary = try #require(realpath(FileManager.default.temporaryDirectory.path, nil))
        defer { free(temporary) }
        let folder = String(cString: temporary) + "/watch-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: "\(folder)/data", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var settings = WatchSettings(roots: discovers ? ["\(folder)/data"] : [])
        settings.settle = 60
        settings.tick = 20
        settings.pollInterval = .milliseconds(200)
        change(&settings)
        let bench = try Bench(
            folder: folder, catalog: try Catalog.open(folder: "\(folder)/state"),
            settings: settings)
        try await bench.service.start()
        do {
            try await body(bench)
        } catch {
            await bench.service.stop()
            throw error
        }
        await bench.service.stop()
        try bench.catalog.close()
    }

    // MARK: Files

    func write(_ path: String, _ text: String = "content") throws {
        let url = URL(fileURLWithPath: "\(data)/\(path)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func pair(_ set: String, _ key: String) throws {
        try write("\(set)/rgb/\(key).jpg")
        try write("\(set)/depth/\(key).png")
    }

    func manifest(_ set: String, _ more: String = "") throws {
        try write("\(set)/dataset.toml", Self.stem + more)
    }

    static let stem = """
        layout = "stem"
        [rgb]
        path = "rgb"
        pattern = "*.jpg"
        [depth]
        path = "depth"
        pattern = "*.png"
        scale = 0.001

        """

    func remove(_ path: String) throws {
        try FileManager.default.removeItem(atPath: "\(data)/\(path)")
    }

    func move(_ path: String, _ target: String) throws {
        try FileManager.default.moveItem(atPath: "\(data)/\(path)", toPath: "\(data)/\(target)")
    }

    // MARK: The catalog

    /// Key to state of every sample.
    func states(_ set: String) async throws -> [String: String] {
        let id = try await catalog.dataset(set).id
        let samples = try await catalog.samples(ofDataset: id, limit: 10_000).samples
        return Dictionary(
            samples.map { ($0.key, $0.state) }, uniquingKeysWith: { first, _ in first })
    }

    /// Waits until `condition` holds, for as long as the machine needs, within reason.
    func eventually(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record(what, sourceLocation: sourceLocation)
    }
}
