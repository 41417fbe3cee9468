/// Why a folder cannot be a data set.
package struct WatchingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure; `rawValue` is stable and dotted.
    package enum Code: String, Sendable {
        case rootMissing = "root.missing"
        case rootNotAFolder = "root.not_a_folder"
        case rootNotReadable = "root.not_readable"
        case layoutUnknown = "layout.unknown"
        /// `auto` recognised nothing, or the manifest does not fit the layout.
        case layoutMismatch = "layout.mismatch"
        case manifestInvalid = "manifest.invalid"
        case labelsInvalid = "labels.invalid"
        case nameInvalid = "name.invalid"
        case datasetOffline = "dataset.offline"
        case watchUnavailable = "watch.unavailable"
        case stopped = "watch.stopped"
    }

    package var code: Code
    package var message: String
    /// What to do about it; may be empty.
    package var hint: String

    init(_ code: Code, _ message: String, hint: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { hint.isEmpty ? message : "\(message); \(hint)" }
}
