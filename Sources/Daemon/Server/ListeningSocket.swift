import CLinux
import ControlProtocol
import Foundation
import Glibc

/// The bound Unix socket: passed by the service manager, or opened here.
package struct ListeningSocket: Sendable {
    package let descriptor: Int32
    package let path: String
    /// Whether the service manager owns it: then its file is never touched.
    package let isActivated: Bool

    /// Takes the socket that was passed, else binds `path`.
    ///
    /// The caller holds the state folder's lock, so a socket file that nobody answers at is stale
    /// and may go.
    /// - Throws: `ControlError` that names the path and what is in the way.
    package static func open(
        path: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> ListeningSocket {
        if let passed = try SocketActivation.descriptor(environment: environment, pid: getpid()) {
            return try adopt(passed)
        }
        try makeFolder(of: path)
        try removeStale(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | sockCloseOnExec, 0)
        guard descriptor >= 0 else { throw failure("opening a socket", path, errno) }
        // Nobody may connect between bind and chmod.
        let mask = umask(0o177)
        let bound = withAddress(path) { Glibc.bind(descriptor, $0, $1) }
        let number = errno
        umask(mask)
        guard bound == 0, chmod(path, 0o660) == 0, listen(descriptor, 512) == 0 else {
            close(descriptor)
            throw failure("listening at", path, bound == 0 ? errno : number)
        }
        giveToGroup(path)
        return ListeningSocket(descriptor: descriptor, path: path, isActivated: false)
    }

    /// Removes the socket's file if it is ours.
    package func removeFile() {
        if !isActivated { unlink(path) }
    }

    private static let sockCloseOnExec = Int32(bitPattern: UInt32(0o2000000))

    private static func adopt(_ descriptor: Int32) throws -> ListeningSocket {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let found = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        guard found == 0, address.sun_family == sa_family_t(AF_UNIX) else {
            throw ControlError(
                "socket.activation", "descriptor \(descriptor) is not a Unix socket",
                hint: "see ListenStream= in distilld.socket")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let path = withUnsafeBytes(of: &address.sun_path) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return ListeningSocket(descriptor: descriptor, path: path, isActivated: true)
    }

    private static func makeFolder(of path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        guard !FileManager.default.fileExists(atPath: folder) else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o750])
        } catch {
            throw failure("making the folder of the socket", folder, errno)
        }
    }

    private static func removeStale(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ControlError(
                "socket.in_use", "\(path) is there and is not a socket",
                hint: "move it away or choose another socket")
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | sockCloseOnExec, 0)
        defer { close(probe) }
        if withAddress(path, { connect(probe, $0, $1) }) == 0 {
            throw ControlError(
                "socket.in_use", "another daemon answers at \(path)",
                hint: "stop it, or give this one another --socket")
        }
        guard unlink(path) == 0 else { throw failure("removing the stale socket", path, errno) }
    }

    /// The group `distill` gets the socket where the daemon may give it.
    private static func giveToGroup(_ path: String) {
        if let group = Authorisation.current.members { _ = chown(path, uid_t.max, group) }
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: path.utf8.prefix(bytes.count - 1))
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func failure(_ doing: String, _ path: String, _ number: Int32) -> ControlError {
        ControlError(
            number == EACCES || number == EPERM ? "socket.denied" : "socket.failed",
            "\(doing) \(path): \(String(cString: strerror(number)))",
            hint: "choose another place with --socket or `socket` in distilld.toml")
    }
}
