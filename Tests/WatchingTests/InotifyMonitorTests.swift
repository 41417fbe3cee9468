import Foundation
import Testing
import Watching

@Suite struct InotifyMonitorTests {
    /// A folder that goes away with the test, and a monitor whose thread does not run: events wait
    /// until they are asked for.
    private func watching(
        limit: Int? = nil, _ body: (InotifyMonitor, String) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/inotify-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let monitor = try InotifyMonitor(
            interval: 1_000, special: ["dataset.toml"], limit: limit, signal: {})
        #expect(monitor.watch(folder) == .watched)
        try body(monitor, folder)
    }

    private func touch(_ path: String) throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
    }

    @Test func changesAreFoldersNotFiles() throws {
        try watching { monitor, folder in
            for number in 0..<100 { try touch("\(folder)/\(number)") }
            #expect(monitor.takeChanges() == InotifyMonitor.Changes())
            monitor.drain()
            var changes = monitor.takeChanges()
            #expect(changes.folders == [folder])
            #expect(!changes.structure && !changes.overflowed)
            try touch("\(folder)/dataset.toml")
            monitor.drain()
            changes = monitor.takeChanges()
            #expect(changes.structure)
            #expect(monitor.takeChanges() == InotifyMonitor.Changes())
        }
    }

    @Test func lostEventsAreNoticed() throws {
        let text = try String(
            contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let limit = try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        // Two events a rename; a huge limit would only make the test slow.
        guard limit <= 100_000 else { return }
        try watching { monitor, folder in
            try touch("\(folder)/a")
            for _ in 0...(limit / 4 + 1) {
                rename("\(folder)/a", "\(folder)/b")
                rename("\(folder)/b", "\(folder)/a")
            }
            monitor.drain()
            #expect(monitor.takeChanges().overflowed)
            // Afterwards it hears again.
            try touch("\(folder)/c")
            monitor.drain()
            let changes = monitor.takeChanges()
            #expect(changes.folders == [folder] && !changes.overflowed)
        }
    }

    @Test func movedAndDeletedFoldersAreForgotten() throws {
        try watching { monitor, folder in
            let files = FileManager.default
            for name in ["a/b", "c"] {
                try files.createDirectory(
                    atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            }
            for name in ["a", "a/b", "c"] {
                #expect(monitor.watch("\(folder)/\(name)") == .watched)
            }
            #expect(monitor.count == 4)
            try files.moveItem(atPath: "\(folder)/a", toPath: "\(folder)/z")
            try files.removeItem(atPath: "\(folder)/c")
            monitor.drain()
            #expect(monitor.count == 1)
            let changes = monitor.takeChanges()
            #expect(changes.structure)
            #expect(changes.folders.isSuperset(of: [folder, "\(folder)/a", "\(folder)/c"]))
            #expect(monitor.watch("\(folder)/missing") == .unavailable)
        }
    }

    @Test func aLimitIsAVerdictNotAFailure() throws {
        try watching(limit: 1) { monitor, folder in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/a", withIntermediateDirectories: true)
            #expect(monitor.watch("\(folder)/a") == .noMoreWatches)
            #expect(monitor.watch(folder) == .watched)
            monitor.unwatch(below: folder)
            #expect(monitor.count == 0)
        }
    }
}
