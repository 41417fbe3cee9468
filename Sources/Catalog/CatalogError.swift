import GRDB

/// Why the catalog could not do what was asked.
package struct CatalogError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure; `rawValue` is stable.
    package enum Code: String, Sendable {
        case notFound = "not_found"
        /// A name or a folder that is taken already.
        case conflict
        /// A job that is not in a state for what was asked.
        case invalidState = "invalid_state"
        case queueFull = "queue_full"
        /// The database was written by a later version.
        case newerSchema = "newer_schema"
        /// The database file is damaged.
        case corrupt
        case diskFull = "disk_full"
        /// Another process holds the database, or it cannot be opened or written.
        case unavailable
        case failed
    }

    package var code: Code
    package var message: String
    /// What to do about it; may be empty.
    package var hint: String

    /// Makes an error.
    package init(_ code: Code, _ message: String, hint: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { hint.isEmpty ? message : "\(message); \(hint)" }

    /// SQLite's error in terms of the catalog.
    init(_ error: DatabaseError, path: String) {
        let said = error.message ?? "error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(
                .diskFull, "no space left to write \(path)",
                hint: "free some space; nothing that was acknowledged is lost")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(
                .corrupt, "\(path) is damaged: \(said)",
                hint: "restart distilld: it restores the last backup and rescans the folders")
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM,
            .SQLITE_IOERR:
            self.init(
                .unavailable, "cannot use \(path): \(said)",
                hint: "check that the state folder exists, is writable and has one daemon only")
        default:
            self.init(.failed, "the catalog failed: \(error.description)")
        }
    }

    static func notFound(_ kind: String, _ reference: String, list: String) -> CatalogError {
        CatalogError(
            .notFound, "found no \(kind) `\(reference)`",
            hint: "`distillctl \(list)` shows what there is")
    }
}
