import Catalog
import Foundation
import Testing

@Suite struct StorageTests {
    @Test func commitsAreDurable() async throws {
        let catalog = try StateFolder().open()
        let facts = try await catalog.storageFacts()
        #expect(facts.journalMode == "wal")
        #expect(facts.synchronous == 2)
        #expect(facts.foreignKeys)
        #expect(facts.schema == "002")
        try catalog.close()
    }

    @Test func whatWasWrittenIsThereAgain() async throws {
        let folder = try StateFolder()
        let first = try folder.open()
        #expect(first.recovery == .none)
        let dataset = try await first.addPairs()
        _ = try await first.applyScan(ofDataset: dataset.id, findings: [pair("a", 1)])
        try first.close()
        let second = try folder.open()
        #expect(second.recovery == .none)
        #expect(try await second.counts(ofDataset: dataset.id).paired == 1)
        try second.close()
    }

    @Test func aCrashIsNoticedAndNothingIsLost() async throws {
        let folder = try StateFolder()
        do {
            // Dropped without close, as a killed process drops it.
            let catalog = try folder.open()
            _ = try await catalog.enqueue(newJob())
        }
        let again = try folder.open()
        #expect(again.recovery == .checkedAfterCrash)
        #expect(try await again.jobs().count == 1)
        try again.close()
    }

    @Test(arguments: 0..<4)
    func aDamagedFileIsReplacedByTheBackup(_ kind: Int) async throws {
        let folder = try StateFolder()
        let path = "\(folder.path)/catalog.sqlite"
        let catalog = try folder.open()
        let dataset = try await catalog.addPairs()
        _ = try await catalog.applyScan(
            ofDataset: dataset.id, findings: (0..<500).map { pair("sample-\($0)", $0) })
        try await catalog.backUp()
        try catalog.close()

        var bytes = try #require(FileManager.default.contents(atPath: path))
        switch kind {
        case 0: bytes.removeLast(bytes.count / 2)
        case 1: bytes.replaceSubrange(0..<100, with: Data(repeating: 0x55, count: 100))
        case 2:
            for page in stride(from: 4096, to: bytes.count - 4096, by: 8192) {
                bytes.replaceSubrange(page..<page + 200, with: Data(repeating: 0xAA, count: 200))
            }
        default: bytes = Data("this is no database, but long enough to be read as one".utf8)
        }
        try bytes.write(to: URL(fileURLWithPath: path))

        let restored = try folder.open()
        guard case .restoredBackup(let damaged) = restored.recovery else {
            Issue.record("found \(restored.recovery), expected the backup")
            return
        }
        #expect(FileManager.default.fileExists(atPath: damaged))
        #expect(try await restored.counts(ofDataset: dataset.id).paired == 500)
        try restored.close()
        let later = try folder.open()
        #expect(later.recovery == .none)
        try later.close()
    }

    @Test func withoutABackupItStartsEmpty() async throws {
        let folder = try StateFolder()
        try Data(repeating: 7, count: 20_000).write(
            to: URL(fileURLWithPath: "\(folder.path)/catalog.sqlite"))
        let catalog = try folder.open()
        guard case .startedEmpty = catalog.recovery else {
            Issue.record("found \(catalog.recovery)")
            return
        }
        #expect(try await catalog.datasets().isEmpty)
        try catalog.close()
    }

    @Test func aBackupOfALiveCatalogIsWhole() async throws {
        let folder = try StateFolder()
        let catalog = try folder.open()
        for number in 0..<3 {
            _ = try await catalog.enqueue(newJob("job-\(number)"))
            try await catalog.backUp()
        }
        try catalog.close()
        let copy = try StateFolder()
        try FileManager.default.copyItem(
            atPath: "\(folder.path)/catalog.backup.sqlite", toPath: "\(copy.path)/catalog.sqlite")
        let restored = try copy.open()
        #expect(try await restored.jobs().count == 3)
        try restored.close()
    }

    @Test func aStateFolderThatCannotBeIsNamed() {
        let error = #expect(throws: CatalogError.self) {
            try Catalog.open(folder: "/proc/none/state")
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("/proc/none/state") == true)
    }
}
