import ControlProtocol
import Foundation
import Glibc
import Synchronization

/// Keeps a second daemon off the same state: an exclusive lock on STATE/lock, which holds the pid.
///
/// The kernel drops the lock with the process, however it ends.
package final class StateLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Throws: `ControlError` `state.in_use` that names the other daemon's pid.
    package init(_ state: StateFolder) throws {
        let descriptor = open(state.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ControlError(
                "state.not_writable", "\(state.lock): \(String(cString: strerror(errno)))",
                hint: "who owns it? `ls -l \(state.lock)`")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            var bytes = [UInt8](repeating: 0, count: 32)
            let count = max(0, read(descriptor, &bytes, bytes.count))
            close(descriptor)
            let pid = String(decoding: bytes.prefix(count), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            throw ControlError(
                "state.in_use",
                "another distilld\(pid.isEmpty ? "" : " (pid \(pid))") works on \(state.path)",
                hint: "stop it first, or give this one another --state")
        }
        ftruncate(descriptor, 0)
        let line = "\(getpid())\n"
        _ = line.withCString { write(descriptor, $0, strlen($0)) }
        self.descriptor = Mutex(descriptor)
    }

    /// Lets another daemon in; nothing of the state may be touched afterwards.
    package func release() {
        descriptor.withLock { descriptor in
            if let descriptor { close(descriptor) }
            descriptor = nil
        }
    }

    deinit { release() }
}
