import Foundation
import Glibc

/// Whether a file that could not be read is there at all: a folder that is not mounted, or a file that
/// has moved, says nothing about the sample.
enum FilePresence: Sendable, Equatable {
    /// The data set's folder cannot be reached.
    case rootMissing
    case fileMissing
    /// It is there, and something else is wrong with it.
    case present

    /// The code that workers give for every file that cannot be opened or read.
    static let code = "file.unreadable"

    /// - Parameter path: Absolute, or relative to `root`.
    static func of(_ path: String, root: String) -> FilePresence {
        var facts = stat()
        guard stat(root, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR,
            access(root, R_OK | X_OK) == 0
        else { return .rootMissing }
        let file = path.hasPrefix("/") ? path : "\(root)/\(path)"
        if stat(file, &facts) == 0 { return .present }
        // These are the file's own; all others mean that it, or what it lies on, has gone.
        return [EACCES, ELOOP, ENAMETOOLONG].contains(errno) ? .present : .fileMissing
    }

    /// In words, nil where the file is there.
    func reason(_ path: String, root: String) -> String? {
        switch self {
        case .rootMissing: "the folder \(root) cannot be reached"
        case .fileMissing: "\(path) is not in \(root) any more"
        case .present: nil
        }
    }
}
