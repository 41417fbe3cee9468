/// What is wrong with a file of settings, in terms a person can act on.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of mistake; `rawValue` is stable and fits behind a dot: `recipe.unknown_key`.
    package enum Code: String, Sendable {
        /// The text is no TOML (or no CSV); `line` and `column` say where.
        case syntax
        case unknownKey = "unknown_key"
        case missingKey = "missing_key"
        /// A value of another type than expected, such as a string for a number.
        case wrongType = "wrong_type"
        /// The right type, but a value that cannot be.
        case outOfRange = "out_of_range"
        /// The file cannot be read.
        case unreadable
        /// The socket's path does not fit into a socket address.
        case socketPath = "socket_path"
    }

    package var code: Code
    /// The file as the user knows it; not necessarily a path on this machine.
    package var file: String
    /// Where in the file, as `training.epochs` or `objective[2].weight`; empty for the whole file.
    package var keyPath: String
    /// The line, counted from 1, where the reader knows it.
    package var line: Int?
    /// The column, counted from 1, where the reader knows it.
    package var column: Int?
    /// One sentence: file, place, what was found and what was expected.
    package var message: String
    /// What to do about it; may be empty.
    package var hint: String

    /// Makes an error; `message` already names file and key.
    package init(
        _ code: Code, file: String, keyPath: String = "", line: Int? = nil, column: Int? = nil,
        message: String, hint: String = ""
    ) {
        self.code = code
        self.file = file
        self.keyPath = keyPath
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }

    package var description: String { hint.isEmpty ? message : "\(message); \(hint)" }
}
