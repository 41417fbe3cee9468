import Foundation
import Synchronization

/// Views that are wanted once more, soon, by this process alone: one unnamed file for each view index.
///
/// A decoded picture is cut into all the views that a teacher will look at in later epochs; what it need
/// not see yet waits here instead of in memory. The files have no name, so that nothing is left of them
/// however the process ends. They count against the budget, and only what the caches will not need
/// themselves is taken; what finds no room is decoded again.
package final class ViewSpill: Sendable {
    private final class File: Sendable {
        let descriptor: Int32

        init(_ descriptor: Int32) {
            self.descriptor = descriptor
        }

        deinit { close(descriptor) }
    }

    private struct Shelf {
        let file: File
        var slots: [RecordKey: (number: Int, checksum: UInt64)] = [:]
        var next = 0
    }

    private struct State {
        var shelves: [UInt32: Shelf] = [:]
        var bytes: Int64 = 0
        var isClosed = false
    }

    private let folder: String
    private let recordBytes: Int
    private let budget: CacheBudget
    private let limit: Int64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - folder: where the files are made.
    ///   - reserve: bytes of the budget that are left to the caches.
    package init(folder: String, recordBytes: Int, budget: CacheBudget, reserve: Int64) {
        self.folder = folder
        self.recordBytes = recordBytes
        self.budget = budget
        limit = max(0, budget.quota - budget.bytesUsed - reserve)
    }

    deinit { budget.release(state.withLock { $0.bytes }) }

    /// Bytes that wait.
    package var byteCount: Int64 { state.withLock { $0.bytes } }

    package func holds(_ key: RecordKey) -> Bool {
        state.withLock { $0.shelves[key.view]?.slots[key] != nil }
    }

    /// Keeps a record until its view is dropped; false where there is no room for it.
    @discardableResult
    package func keep(_ key: RecordKey, _ bytes: UnsafeRawBufferPointer) -> Bool {
        precondition(bytes.count == recordBytes)
        guard let (file, number) = place(key) else { return false }
        let offset = off_t(number) * off_t(recordBytes)
        guard pwrite(file.descriptor, bytes.baseAddress, recordBytes, offset) == recordBytes else {
            // A full disk is no reason to stop: what was not kept is decoded again, and the place goes to the
            // caches.
            abandon()
            return false
        }
        let checksum = Checksum.of(bytes)
        return state.withLock { state in
            guard state.shelves[key.view]?.file === file else { return false }
            state.shelves[key.view]?.slots[key] = (number, checksum)
            return true
        }
    }

    /// Copies a record into `buffer`; false where there is none.
    package func read(_ key: RecordKey, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        precondition(buffer.count == recordBytes)
        let found = state.withLock { state in
            state.shelves[key.view].flatMap { shelf in
                shelf.slots[key].map { (file: shelf.file, slot: $0) }
            }
        }
        guard let found else { return false }
        let offset = off_t(found.slot.number) * off_t(recordBytes)
        let count = pread(found.file.descriptor, buffer.baseAddress, recordBytes, offset)
        return count == recordBytes
            && Checksum.of(UnsafeRawBufferPointer(buffer)) == found.slot.checksum
    }

    /// Forgets all records of a view and gives their place back.
    package func drop(view: UInt32) {
        state.withLock { state in
            guard let shelf = state.shelves.removeValue(forKey: view) else { return }
            let bytes = Int64(shelf.next) * Int64(recordBytes)
            state.bytes -= bytes
            budget.release(bytes)
        }
    }

    /// Forgets everything and keeps nothing more.
    private func abandon() {
        state.withLock { state in
            state.isClosed = true
            state.shelves = [:]
            budget.release(state.bytes)
            state.bytes = 0
        }
    }

    /// A slot for a record that is not here yet, nil where there is no room.
    private func place(_ key: RecordKey) -> (File, Int)? {
        state.withLock { state in
            guard !state.isClosed, state.bytes + Int64(recordBytes) <= limit,
                state.shelves[key.view]?.slots[key] == nil
            else { return nil }
            if state.shelves[key.view] == nil {
                guard let file = unnamedFile() else {
                    state.isClosed = true
                    return nil
                }
                state.shelves[key.view] = Shelf(file: file)
            }
            guard let shelf = state.shelves[key.view], budget.admit(recordBytes) else { return nil }
            state.shelves[key.view]?.next = shelf.next + 1
            state.bytes += Int64(recordBytes)
            return (shelf.file, shelf.next)
        }
    }

    private func unnamedFile() -> File? {
        // O_TMPFILE of linux/fcntl.h, which Swift does not import; not every file system knows it.
        let unnamed = 0o20_000_000 | O_DIRECTORY
        let direct = open(folder, unnamed | O_RDWR | O_CLOEXEC, 0o600)
        if direct >= 0 { return File(direct) }
        // mkstemp(3) wants six letters X at the end and writes its own over them.
        let placeholder = String(repeating: "X", count: 6)
        var name = Array("\(folder)/spill-\(placeholder)".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { return nil }
        unlink(name)
        return File(descriptor)
    }
}
