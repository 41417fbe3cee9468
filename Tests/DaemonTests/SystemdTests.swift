import ControlClient
import ControlProtocol
import Daemon
import Foundation
import Glibc
import Testing

/// A service manager's end of NOTIFY_SOCKET.
private final class NotifySocket: Sendable {
    let path: String
    private let descriptor: Int32

    init() throws {
        path = try TestDaemon.newFolder() + "/notify"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length)
            }
        }
        #expect(bound == 0)
    }

    deinit { close(descriptor) }

    /// Everything that has come so far.
    func messages() -> [String] {
        var messages: [String] = []
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            if count <= 0 { return messages }
            messages.append(String(decoding: bytes[0..<count], as: UTF8.self))
        }
    }
}

@Suite("As a service of systemd", .serialized, .timeLimit(.minutes(2)))
struct SystemdTests {
    @Test("ready once it listens, alive while it moves, and a word when it stops")
    func notifications() async throws {
        let manager = try NotifySocket()
        let daemon = try await TestDaemon(environment: [
            "NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000",
        ])
        var seen: [String] = []
        try await eventually("READY and WATCHDOG came") {
            seen += manager.messages()
            return seen.contains { $0.contains("READY=1") } && seen.contains("WATCHDOG=1")
        }
        let ready = try #require(seen.firstIndex { $0.contains("READY=1") })
        #expect(seen[ready].contains("STATUS="))
        #expect(seen[..<ready].contains { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") })
        try await daemon.finish()
        #expect(manager.messages().contains { $0.contains("STOPPING=1") })
    }

    @Test("the watchdog of another process is not ours")
    func otherWatchdog() {
        let environment = ["WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"]
        #expect(ServiceNotifier(environment: environment).watchdogInterval == nil)
        #expect(
            ServiceNotifier(environment: ["WATCHDOG_USEC": "1000000"]).watchdogInterval
                == .seconds(1))
    }

    @Test("parts that do not tick are named")
    func liveness() {
        let start = ContinuousClock.now
        let limit = Duration.seconds(10)
        let liveness = Liveness(at: start)
        #expect(liveness.silent(for: limit, at: start + .seconds(10)).isEmpty)
        liveness.tick(.database, at: start + .seconds(5))
        liveness.tick(.socket, at: start + .seconds(5))
        #expect(liveness.silent(for: limit, at: start + .seconds(12)) == [.watcher, .scheduler])
        for part in Liveness.Part.allCases { liveness.tick(part, at: start + .seconds(20)) }
        #expect(liveness.silent(for: limit, at: start + .seconds(21)).isEmpty)
        #expect(
            liveness.silent(for: limit, at: start + .seconds(31)) == Liveness.Part.allCases)
    }

    @Test("passed sockets are found by name, and only in the process they are meant for")
    func activation() throws {
        func find(_ environment: [String: String]) throws -> Int32? {
            try SocketActivation.descriptor(environment: environment, pid: 7)
        }
        #expect(try find([:]) == nil)
        #expect(try find(["LISTEN_PID": "8", "LISTEN_FDS": "1"]) == nil)
        #expect(try find(["LISTEN_PID": "7", "LISTEN_FDS": "1"]) == 3)
        #expect(
            try find(["LISTEN_PID": "7", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "other:control"])
                == 4)
        #expect(throws: ControlError.self) {
            try find(["LISTEN_PID": "7", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:b"])
        }
    }

    @Test("an activated socket is served, and its file stays when the daemon goes")
    func activated() async throws {
        let folder = try TestDaemon.newFolder()
        let path = "\(folder)/activated.sock"
        let passed = try ListeningSocket.open(path: path, environment: [:])
        let index = Int(passed.descriptor - 3)
        let names = (0...index).map { $0 == index ? "control" : "other" }
        let daemon = try await TestDaemon(
            folder: folder,
            environment: [
                "LISTEN_PID": "\(getpid())", "LISTEN_FDS": "\(index + 1)",
                "LISTEN_FDNAMES": names.joined(separator: ":"),
            ])
        #expect(daemon.client.socketPath == path)
        #expect(try await daemon.client.send(GetStatus()).socket == path)
        try await daemon.stop()
        #expect(FileManager.default.fileExists(atPath: path))
        try? FileManager.default.removeItem(atPath: folder)
    }
}
