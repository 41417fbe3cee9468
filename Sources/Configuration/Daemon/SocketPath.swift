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
}
