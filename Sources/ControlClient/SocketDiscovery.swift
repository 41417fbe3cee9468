import ControlProtocol
import Foundation

/// Finds the daemon's socket: `--socket`, DISTILL_SOCKET, the user's socket, then the system's.
package enum SocketDiscovery {
    package static let system = "/run/distilld/distilld.sock"

    /// What fits `sockaddr_un.sun_path` beside its terminator.
    package static let longestPath = 107

    /// The socket to talk to.
    ///
    /// A named socket is taken as it is, so that a mistake is seen; of the others the first that
    /// exists.
    /// - Throws: `ControlError` when the path is too long for a Unix socket.
    package static func path(
        option: String?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> String {
        if let named = option ?? environment["DISTILL_SOCKET"], !named.isEmpty {
            return try checked(named)
        }
        let users = userSocket(environment)
        if let users, FileManager.default.fileExists(atPath: users) { return try checked(users) }
        if FileManager.default.fileExists(atPath: system) { return system }
        return try checked(users ?? system)
    }

    /// Where a daemon started by a normal user listens: in XDG_RUNTIME_DIR, else in its state
    /// folder.
    package static func userSocket(_ environment: [String: String]) -> String? {
        if let runtime = environment["XDG_RUNTIME_DIR"], !runtime.isEmpty {
            return runtime + "/distilld/distilld.sock"
        }
        if let state = environment["XDG_STATE_HOME"], !state.isEmpty {
            return state + "/distilld/distilld.sock"
        }
        return environment["HOME"].map { $0 + "/.local/state/distilld/distilld.sock" }
    }

    /// - Throws: `ControlError` when the path does not fit a socket address.
    static func checked(_ path: String) throws -> String {
        guard path.utf8.count <= longestPath else {
            throw ControlError(
                "usage",
                "the socket path has \(path.utf8.count) bytes, a Unix socket takes at most "
                    + "\(longestPath): \(path)",
                hint: "name a shorter one with --socket or DISTILL_SOCKET")
        }
        return path
    }
}
