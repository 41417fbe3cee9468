/// The rules for the control socket's path.
package enum SocketPath {
    /// The bytes that a Unix socket's address holds, without the closing NUL.
    package static let limit = 107

    /// Refuses a path that does not fit into a socket's address.
    ///
    /// - Parameter origin: Where the path comes from: a file's name or `--socket`.
    package static func check(_ path: String, from origin: String) throws {
        guard path.utf8.count > limit else { return }
        throw ConfigurationError(
            .socketPath, file: origin, keyPath: "socket",
            message: """
                the socket's path has \(path.utf8.count) bytes, expected at most \(limit), \
                the most that Linux takes: \(path)
                """,
            hint: "give a shorter one with --socket or `socket = ...`, such as /tmp/distilld.sock")
    }

    /// The sockets that a client tries, in order: the one named, or the user's and the system's.
    ///
    /// - Parameter named: The value of `--socket`, which leaves no choice, as DISTILL_SOCKET does.
    package static func candidates(named: String?, _ surroundings: Surroundings) throws -> [String]
    {
        if let named {
            let path = surroundings.resolve(named, in: surroundings.currentFolder)
            try check(path, from: "--socket")
            return [path]
        }
        if let variable = surroundings.environment["DISTILL_SOCKET"], !variable.isEmpty {
            let path = surroundings.resolve(variable, in: surroundings.currentFolder)
            try check(path, from: "DISTILL_SOCKET")
            return [path]
        }
        let defaults = DefaultPaths(surroundings)
        let user = defaults.socket ?? "\(defaults.state)/distilld.sock"
        return [user, DefaultPaths.systemSocket].filter { $0.utf8.count <= limit }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
