/// What went wrong with a plugin or in it: found, expected and what to do.
package struct PluginError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A stable dotted code: `plugin.*` from the host, `file.*`, `depth.*`, `option.*` and the like
    /// from the plugin.
    package var code: String
    /// One sentence with what was found and what was expected.
    package var message: String
    /// What to do about it; may be empty.
    package var hint: String
    /// The file concerned: a sample, a manifest or a library.
    package var path: String?

    /// Makes an error from its parts.
    package init(code: String, message: String, hint: String = "", path: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.path = path
    }

    package var description: String {
        let place = path.map { "\($0): " } ?? ""
        return hint.isEmpty ? "\(place)\(message)" : "\(place)\(message); \(hint)"
    }
}
