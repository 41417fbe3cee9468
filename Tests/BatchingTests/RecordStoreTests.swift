import Batching
import Foundation
import Testing

@Suite struct RecordStoreTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func store(_ bytes: Int = 100, quota: Int64 = 1 << 30) throws -> RecordStore {
        try RecordStore(
            in: folder.path, named: "records", key: ["content": "test"], recordBytes: bytes,
            budget: CacheBudget(folder: folder.path, quota: quota))
    }

    private func key(_ number: UInt64, view: UInt32 = 0) -> RecordKey {
        RecordKey(
            digest: ContentDigest(words: (number, ~number, number &* 3, number ^ 7)), view: view)
    }

    private func write(_ store: RecordStore, _ number: UInt8, view: UInt32 = 0) throws -> Bool {
        let bytes = [UInt8](repeating: number, count: store.recordBytes)
        return try bytes.withUnsafeBytes { try store.write(key(UInt64(number), view: view), $0) }
    }

    private func read(_ store: RecordStore, _ number: UInt8, view: UInt32 = 0) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: store.recordBytes)
        let found = bytes.withUnsafeMutableBytes {
            store.read(key(UInt64(number), view: view), into: $0)
        }
        return found ? bytes : nil
    }

    @Test func recordsOutliveTheStore() throws {
        do {
            let store = try store()
            for number in 1...50 as ClosedRange<UInt8> { #expect(try write(store, number)) }
            #expect(try !write(store, 7), "a record is written once")
        }
        let store = try store()
        #expect(store.count == 50)
        for number in 1...50 as ClosedRange<UInt8> {
            #expect(read(store, number) == [UInt8](repeating: number, count: 100))
        }
        #expect(read(store, 51) == nil)
        #expect(read(store, 7, view: 1) == nil)
    }

    @Test func damagedRecordsAreForgottenAndWrittenAgain() throws {
        do {
            let store = try store()
            for number in 1...4 as ClosedRange<UInt8> { _ = try write(store, number) }
        }
        let path = folder.path + "/records/records"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[150] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        do {
            let store = try store()
            #expect(read(store, 2) == nil)
            #expect(read(store, 3) != nil)
            #expect(try write(store, 2))
            #expect(read(store, 2) == [UInt8](repeating: 2, count: 100))
        }
        let store = try store()
        #expect(read(store, 2) == [UInt8](repeating: 2, count: 100))
        #expect(store.verify() == (4, 0))
    }

    @Test(arguments: [1, 13, 55]) func aTornIndexLosesOnlyItsLastEntry(bytes: Int) throws {
        do {
            let store = try store()
            for number in 1...3 as ClosedRange<UInt8> { _ = try write(store, number) }
        }
        let path = folder.path + "/records/index"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.dropLast(bytes).write(to: URL(fileURLWithPath: path))
        let store = try store()
        #expect(store.count == 2)
        #expect(read(store, 1) != nil && read(store, 2) != nil)
        #expect(try write(store, 3))
        #expect(read(store, 3) == [UInt8](repeating: 3, count: 100))
    }

    @Test func theBudgetStopsAdmission() throws {
        let store = try store(100, quota: 1_000)
        var admitted = 0
        for number in 1...30 as ClosedRange<UInt8> where try write(store, number) { admitted += 1 }
        #expect(admitted >= 8 && admitted <= 10)
        #expect(read(store, 1) != nil)
    }

    @Test func aSecondWriterOnlyReads() throws {
        let first = try store()
        _ = try write(first, 1)
        let second = try store()
        #expect(read(second, 1) != nil)
        #expect(try !write(second, 2))
        #expect(try write(first, 2))
    }
}

@Suite struct ChecksumTests {
    @Test func everyFlippedBitShows() {
        var bytes = (0..<67).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let sum = bytes.withUnsafeBytes { Checksum.of($0) }
        for bit in 0..<(bytes.count * 8) {
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(bytes.withUnsafeBytes { Checksum.of($0) } != sum)
            bytes[bit / 8] ^= 1 << (bit % 8)
        }
        let shorter = bytes.dropLast()
        #expect(Array(shorter).withUnsafeBytes { Checksum.of($0) } != sum)
    }
}

@Suite struct ContentDigestTests {
    @Test func readsHexadecimal() throws {
        let text = String(repeating: "0123456789abcdef", count: 4)
        let digest = try #require(ContentDigest(hexadecimal: text))
        #expect(digest.words.0 == 0x0123_4567_89AB_CDEF)
        #expect(ContentDigest(hexadecimal: "12") == nil)
        #expect(ContentDigest(hexadecimal: String(repeating: "x", count: 64)) == nil)
    }

    @Test func combiningDependsOnBoth() {
        let a = ContentDigest(words: (1, 2, 3, 4))
        let b = ContentDigest(words: (5, 6, 7, 8))
        #expect(a.combined(with: b) != b.combined(with: a))
        #expect(a.combined(with: b) != a)
        #expect(a.combined(with: a) == a)
    }
}
