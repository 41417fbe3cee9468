import CLinux
import Foundation
import Synchronization

/// Watches folders with inotify on a thread of its own and keeps the set of folders that changed.
///
/// Events are only hints: what they say is read from the disk afterwards. The set holds folders, never
/// files, so it stays small whatever happens below.
package final class InotifyMonitor: Sendable {
    /// What became of a wish to watch a folder.
    package enum Verdict: Sendable, Equatable {
        case watched
        /// The system allows no more watches.
        case noMoreWatches
        /// The folder is gone or closed; listing it will say why.
        case unavailable
    }

    /// What happened since the last time somebody asked.
    package struct Changes: Sendable, Equatable {
        /// Absolute paths of folders whose listing or files changed.
        package var folders: Set<String> = []
        /// Whether folders came or went, or a manifest did.
        package var structure = false
        /// Whether events were lost, so that everything may have changed.
        package var overflowed = false

        package init() {}
    }

    private struct State {
        /// The paths of each watch: several where links lead to one folder.
        var folders: [Int32: Set<String>] = [:]
        var watches: [String: Int32] = [:]
        var changes = Changes()
        var isStopped = false

        /// Takes a path off its watch; returns the watch where no path needs it any more.
        mutating func drop(_ folder: String) -> Int32? {
            guard let watch = watches.removeValue(forKey: folder) else { return nil }
            folders[watch]?.remove(folder)
            guard folders[watch]?.isEmpty ?? true else { return nil }
            folders[watch] = nil
            return watch
        }
    }

    private let descriptor: Int32
    private let wake: (read: Int32, write: Int32)
    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)
    private let limit: Int?
    private let interval: Int32
    private let special: Set<String>
    private let signal: @Sendable () -> Void

    /// - Parameters:
    ///   - interval: How often `signal` is called when nothing happens, in milliseconds.
    ///   - special: Names of files whose coming, change or going counts as a change of structure.
    ///   - limit: Allows fewer watches than the system does.
    ///   - signal: Called from the monitor's thread after changes and once per interval.
    package init(
        interval: Int32, special: Set<String>, limit: Int?, signal: @escaping @Sendable () -> Void
    ) throws {
        descriptor = clinux_inotify_open()
        guard descriptor >= 0 else { throw Self.unavailable("start inotify") }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            let error = Self.unavailable("make a pipe")
            close(descriptor)
            throw error
        }
        wake = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.interval = interval
        self.special = special
        self.limit = limit
        self.signal = signal
    }

    deinit {
        close(descriptor)
        close(wake.read)
        close(wake.write)
    }

    private static func unavailable(_ verb: String) -> WatchingError {
        WatchingError(
            .watchUnavailable, "cannot \(verb): \(String(cString: strerror(errno)))",
            hint: "see `sysctl fs.inotify.max_user_instances` and the limit of open files")
    }

    /// Starts the thread.
    package func start() {
        // The thread holds the monitor until `stop`.
        Thread { [self] in
            _ = clinux_set_thread_name("watch")
            while pass() { signal() }
            ended.signal()
        }.start()
    }

    /// Ends the thread and waits for it. To be called once, after `start`.
    package func stop() {
        state.withLock { $0.isStopped = true }
        var byte: UInt8 = 0
        _ = write(wake.write, &byte, 1)
        ended.wait()
    }

    /// Waits for events or the interval's end, whichever is first; false when stopped.
    private func pass() -> Bool {
        var descriptors = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&descriptors, 2, interval)
        drain()
        return !state.withLock { $0.isStopped }
    }

    /// Reads every event that the kernel holds: afterwards `takeChanges` knows all that happened before.
    package func drain() {
        state.withLock { state in
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                digest(buffer, count, &state)
            }
        }
    }

    /// What changed since the last call.
    package func takeChanges() -> Changes {
        state.withLock { state in
            defer { state.changes = Changes() }
            return state.changes
        }
    }

    /// Watches a folder from now on. To be called before listing it, so that nothing falls between.
    package func watch(_ folder: String) -> Verdict {
        state.withLock { state in
            if let limit, state.watches[folder] == nil, state.watches.count >= limit {
                return .noMoreWatches
            }
            let watch = clinux_inotify_add(descriptor, folder, clinux_folder_events)
            guard watch >= 0 else { return errno == ENOSPC ? .noMoreWatches : .unavailable }
            if let old = state.watches[folder], old != watch, let unused = state.drop(folder) {
                _ = clinux_inotify_remove(descriptor, unused)
            }
            state.watches[folder] = watch
            state.folders[watch, default: []].insert(folder)
            return .watched
        }
    }

    /// Ends the watches of `folder` and everything below it.
    package func unwatch(below folder: String) {
        state.withLock { forget(below: folder, &$0) }
    }

    /// How many folders are watched.
    package var count: Int { state.withLock { $0.watches.count } }

    // MARK: Events

    private func digest(_ buffer: [UInt8], _ count: Int, _ state: inout State) {
        var name = [CChar](repeating: 0, count: Int(NAME_MAX) + 1)
        var offset = 0
        while offset < count {
            var event = clinux_inotify_event()
            let next = clinux_inotify_next(
                buffer, count, offset, &event, &name, name.count)
            guard next > offset else { return }
            offset = next
            let length = name.firstIndex(of: 0) ?? 0
            digest(
                event,
                name: String(decoding: name[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self),
                &state)
        }
    }

    private func digest(_ event: clinux_inotify_event, name: String, _ state: inout State) {
        func has(_ bits: UInt32) -> Bool { event.mask & bits != 0 }
        if has(clinux_in_overflow) {
            state.changes.overflowed = true
            return
        }
        guard let folders = state.folders[event.watch] else { return }
        state.changes.folders.formUnion(folders)
        let isGone = clinux_in_delete_self | clinux_in_move_self | clinux_in_unmount
        if has(isGone | clinux_in_ignored) {
            state.changes.structure = true
            for folder in folders {
                state.changes.folders.insert(FileNames.parent(of: folder))
                state.watches[folder] = nil
            }
            state.folders[event.watch] = nil
            if !has(clinux_in_ignored) { _ = clinux_inotify_remove(descriptor, event.watch) }
            return
        }
        if has(clinux_in_is_directory) {
            state.changes.structure = true
            for folder in folders {
                let path = FileNames.join(folder, name)
                state.changes.folders.insert(path)
                // What was watched under the old name is watched again once it is listed anew.
                if has(clinux_in_moved_from) { forget(below: path, &state) }
            }
        } else if special.contains(name) {
            state.changes.structure = true
        }
    }

    private func forget(below folder: String, _ state: inout State) {
        for path in state.watches.keys where FileNames.lies(path, within: folder) {
            if let unused = state.drop(path) { _ = clinux_inotify_remove(descriptor, unused) }
        }
    }
}
