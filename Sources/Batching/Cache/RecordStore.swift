import Foundation
import Synchronization

/// Records of one fixed size on disk, found by what they belong to: the base of all caches.
///
/// A store is a folder: `key.json` says what the records are, `records` holds them one after another,
/// `index` has one entry a record with its checksum, appended after the record is written. So a crash
/// leaves at worst a record that no entry names. Records are read with `pread`, not mapped: a truncated
/// file or a failing disk is then an error and not a signal. One process writes a store at a time (an
/// advisory lock); a second one reads what is there and computes the rest.
package final class RecordStore: Sendable {
    package let folder: String
    package let recordBytes: Int

    private let budget: CacheBudget
    private let state: Mutex<State>

    private struct Slot {
        var index: UInt32
        var checksum: UInt64
    }

    private struct State: ~Copyable {
        var slots: [RecordKey: Slot] = [:]
        var next: UInt32 = 0
        var records: Int32
        var index: Int32
        var lock: Int32
        var writable: Bool
        /// Whole entries of the index.
        var entries = 0
        var refused = false
        var asked = ContinuousClock.now

        deinit {
            close(records)
            close(index)
            if lock >= 0 { close(lock) }
        }
    }

    /// Bytes of one index entry: digest, view, slot, checksum, the checksum of the entry itself.
    private static let entryBytes = 56

    /// Opens or creates the store for `key`.
    ///
    /// - Parameters:
    ///   - parent: the folder that holds all stores of one kind.
    ///   - key: everything that the content depends on; its digest names the store's folder.
    package init(
        in parent: String, named name: String, key: [String: String], recordBytes: Int,
        budget: CacheBudget
    ) throws {
        folder = parent + "/" + name
        self.recordBytes = recordBytes
        self.budget = budget
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            // Rewritten on every opening: its date is when the store was last used.
            try encoder.encode(key).write(
                to: URL(fileURLWithPath: folder + "/key.json"), options: .atomic)
        } catch {
            throw CacheError.wrapping(error, path: folder, "creating")
        }
        let flags = O_RDWR | O_CREAT | O_CLOEXEC
        let lock = open(folder + "/lock", flags, 0o600)
        guard lock >= 0 else { throw CacheError.last(folder + "/lock", "opening") }
        let writable = flock(lock, LOCK_EX | LOCK_NB) == 0
        let records = open(folder + "/records", flags, 0o600)
        guard records >= 0 else {
            close(lock)
            throw CacheError.last(folder + "/records", "opening")
        }
        let index = open(folder + "/index", flags, 0o600)
        guard index >= 0 else {
            close(lock)
            close(records)
            throw CacheError.last(folder + "/index", "opening")
        }
        state = Mutex(State(records: records, index: index, lock: lock, writable: writable))
        state.withLock { RecordStore.load(&$0) }
    }

    package var count: Int { state.withLock { $0.slots.count } }

    package func contains(_ key: RecordKey) -> Bool {
        state.withLock { $0.slots[key] != nil }
    }

    /// Copies a record into `buffer`; false where there is none or it is damaged.
    package func read(_ key: RecordKey, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        precondition(buffer.count == recordBytes)
        guard
            let (slot, file) = state.withLock({ state in
                state.slots[key].map { ($0, state.records) }
            })
        else { return false }
        let offset = off_t(slot.index) * off_t(recordBytes)
        let count = pread(file, buffer.baseAddress, recordBytes, offset)
        guard count == recordBytes, Checksum.of(UnsafeRawBufferPointer(buffer)) == slot.checksum
        else {
            // A damaged record is forgotten and will be computed again.
            _ = state.withLock { $0.slots.removeValue(forKey: key) }
            return false
        }
        return true
    }

    /// Adds a record; false where the budget is spent, another process writes the store, or it is known.
    ///
    /// - Throws: `CacheError.diskFull` when the device has no space left.
    @discardableResult
    package func write(_ key: RecordKey, _ bytes: UnsafeRawBufferPointer) throws -> Bool {
        precondition(bytes.count == recordBytes)
        let checksum = Checksum.of(bytes)
        return try state.withLock { state in
            if !state.writable { try reclaim(&state) }
            guard state.writable, state.slots[key] == nil else { return false }
            guard budget.admit(recordBytes) else {
                state.refused = true
                return false
            }
            let slot = Slot(index: state.next, checksum: checksum)
            do {
                try put(bytes, state.records, at: off_t(slot.index) * off_t(recordBytes))
                let end = off_t(state.entries * RecordStore.entryBytes)
                try RecordStore.entry(key, slot).withUnsafeBytes {
                    try put($0, state.index, at: end)
                }
            } catch {
                budget.release(Int64(recordBytes))
                throw error
            }
            state.next += 1
            state.entries += 1
            state.slots[key] = slot
            return true
        }
    }

    /// Whether the budget has refused a record: nothing more will be kept.
    package var isFull: Bool { state.withLock { $0.refused } }

    /// Writes all bytes at a place; what a failure leaves there no entry names.
    private func put(_ bytes: UnsafeRawBufferPointer, _ file: Int32, at offset: off_t) throws {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(file, rest.baseAddress, rest.count, offset + off_t(done))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw CacheError.last(folder, "writing") }
            done += count
        }
    }

    /// Takes the store over when the process that wrote it is gone, asked at most once a second.
    private func reclaim(_ state: inout State) throws {
        let now = ContinuousClock.now
        guard now - state.asked > .seconds(1) else { return }
        state.asked = now
        guard flock(state.lock, LOCK_EX | LOCK_NB) == 0 else { return }
        state.writable = true
        RecordStore.load(&state)
    }

    /// Reads every record and forgets the damaged ones.
    ///
    /// - Returns: how many were sound and how many damaged.
    package func verify() -> (sound: Int, damaged: Int) {
        let keys = state.withLock { Array($0.slots.keys) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: recordBytes, alignment: 16)
        defer { buffer.deallocate() }
        let sound = keys.count { read($0, into: buffer) }
        return (sound, keys.count - sound)
    }

    // MARK: The index

    private static func entry(_ key: RecordKey, _ slot: Slot) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entryBytes)
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(key.digest.words.0)
        append(key.digest.words.1)
        append(key.digest.words.2)
        append(key.digest.words.3)
        append(key.view)
        append(slot.index)
        append(slot.checksum)
        append(bytes.withUnsafeBytes { Checksum.of($0) })
        return bytes
    }

    private static func load(_ state: inout State) {
        var status = stat()
        guard fstat(state.index, &status) == 0, status.st_size > 0 else { return }
        let size = Int(status.st_size)
        var bytes = [UInt8](repeating: 0, count: size)
        let count = bytes.withUnsafeMutableBytes { pread(state.index, $0.baseAddress, size, 0) }
        let whole = max(0, count) / entryBytes
        state.entries = whole
        if state.writable, whole * entryBytes != size {
            // A torn last entry would shift all that follow.
            ftruncate(state.index, off_t(whole * entryBytes))
        }
        bytes.withUnsafeBytes { raw in
            for number in 0..<whole {
                let entry = UnsafeRawBufferPointer(
                    rebasing: raw[(number * entryBytes)..<((number + 1) * entryBytes)])
                func word(_ offset: Int) -> UInt64 {
                    UInt64(
                        littleEndian: entry.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                }
                func half(_ offset: Int) -> UInt32 {
                    UInt32(
                        littleEndian: entry.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                }
                guard Checksum.of(UnsafeRawBufferPointer(rebasing: entry[0..<48])) == word(48)
                else {
                    continue
                }
                let digest = ContentDigest(words: (word(0), word(8), word(16), word(24)))
                let slot = Slot(index: half(36), checksum: word(40))
                state.slots[RecordKey(digest: digest, view: half(32))] = slot
                state.next = max(state.next, slot.index + 1)
            }
        }
    }
}
