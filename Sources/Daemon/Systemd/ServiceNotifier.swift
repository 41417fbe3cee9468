import Foundation
import Glibc
import Synchronization

/// Tells the service manager how the daemon is; silent where none listens.
///
/// - Reference: sd_notify(3): one datagram of `KEY=value` lines to NOTIFY_SOCKET.
package final class ServiceNotifier: Sendable {
    private let address: String?
    /// How often WATCHDOG=1 is expected, nil where it is not.
    package let watchdogInterval: Duration?
    private let lastStatus = Mutex("")

    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment, pid: Int32 = getpid()
    ) {
        address = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == pid } ?? true
        if isForUs, let microseconds = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }),
            microseconds > 0
        {
            watchdogInterval = .microseconds(microseconds)
        } else {
            watchdogInterval = nil
        }
    }

    package var isManaged: Bool { address != nil }

    package func ready(_ status: String) { send("READY=1\nSTATUS=\(status)\nMAINPID=\(getpid())") }
    package func stopping(_ status: String) { send("STOPPING=1\nSTATUS=\(status)") }
    package func watchdog() { send("WATCHDOG=1") }

    /// A line for people; sent only when it changes.
    package func status(_ line: String) {
        let isNew = lastStatus.withLock { last in
            defer { last = line }
            return last != line
        }
        if isNew { send("STATUS=\(line)") }
    }

    /// Asks for more time to start or stop.
    package func extendTimeout(by duration: Duration) {
        send("EXTEND_TIMEOUT_USEC=\(duration.components.seconds * 1_000_000)")
    }

    private func send(_ message: String) {
        guard let address else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | 0o2000000, 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        var name = Array(address.utf8)
        guard name.count < MemoryLayout.size(ofValue: target.sun_path) else { return }
        // A leading @ stands for the NUL of the abstract name space.
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bytes = Array(message.utf8)
        _ = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
