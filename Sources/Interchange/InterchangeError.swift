/// Why a file of another program could not be read, understood or written.
package struct InterchangeError: Error, Sendable, Equatable {
    package enum Code: String, Sendable, Codable {
        /// The file cannot be opened or read.
        case unreadable
        /// The bytes are not what the format allows: cut off, contradictory, cyclic, dangling.
        case malformed
        /// Valid, but beyond what this program understands.
        case unsupported
        /// Extents or counts beyond the limits.
        case tooLarge
        /// A shape or a value must be given by the caller.
        case unbound
        /// A file can be read and means one of several things, or nothing that is known.
        case undecided
        /// A name that the file does not hold.
        case unknownName
        case unwritable
        /// No space is left on the device.
        case diskFull
    }

    package let code: Code
    /// The file as the user named it, empty where there is none.
    package var file: String
    /// The node, tensor or key in question, empty where there is none.
    package var node: String
    /// What was found and what was expected.
    package let message: String
    /// What to do about it, empty where nothing can be done.
    package let hint: String

    package init(
        _ code: Code, file: String = "", node: String = "", _ message: String, hint: String = ""
    ) {
        self.code = code
        self.file = file
        self.node = node
        self.message = message
        self.hint = hint
    }
}

extension InterchangeError: CustomStringConvertible {
    package var description: String {
        let place = [file, node].filter { !$0.isEmpty }.joined(separator: ": ")
        return (place.isEmpty ? "" : place + ": ") + message + (hint.isEmpty ? "" : "; " + hint)
    }
}
