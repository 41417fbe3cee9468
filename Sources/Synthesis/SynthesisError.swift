/// Why synthetic scenes could not be made or written.
package struct SynthesisError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// An option is outside its range.
        case invalidOption = "invalid_option"
        /// The target folder holds something.
        case folderNotEmpty = "folder_not_empty"
        /// A file or folder cannot be written.
        case cannotWrite = "cannot_write"
    }

    package let code: Code
    /// The option or the path that it is about.
    package let context: String
    /// What was found, what was expected and what to do.
    package let message: String

    package var description: String { message }

    static func invalidOption(_ option: String, found: String, expected: String) -> SynthesisError {
        SynthesisError(
            code: .invalidOption, context: option,
            message: "synthesis option `\(option)` is \(found); it must be \(expected)")
    }

    static func cannotWrite(_ path: String, reason: String) -> SynthesisError {
        SynthesisError(
            code: .cannotWrite, context: path,
            message: "\(path) cannot be written: \(reason); check the folder's permissions "
                + "and the free space, then run the command again")
    }
}
