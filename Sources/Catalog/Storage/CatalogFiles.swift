import Foundation

/// The files of a catalog in its state folder.
struct CatalogFiles: Sendable {
    let folder: String

    var database: String { "\(folder)/catalog.sqlite" }
    var backup: String { "\(folder)/catalog.backup.sqlite" }
    /// Exists while the catalog is open, so that one that still exists at the start tells of a crash.
    var marker: String { "\(folder)/catalog.open" }

    func beforeMigration(_ identifier: String) -> String {
        "\(folder)/catalog.before-\(identifier).sqlite"
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    func writeMarker() throws {
        try Data("\(ProcessInfo.processInfo.processIdentifier)\n".utf8).write(
            to: URL(fileURLWithPath: marker))
    }

    func removeMarker() { try? FileManager.default.removeItem(atPath: marker) }

    /// Moves the database and what belongs to it out of the way; returns its new path.
    func setAside(at time: Int64) throws -> String {
        let target = "\(folder)/catalog.damaged-\(time).sqlite"
        for suffix in ["-wal", "-shm"] where exists(database + suffix) {
            try FileManager.default.moveItem(
                atPath: database + suffix, toPath: target + suffix)
        }
        if exists(database) {
            try FileManager.default.moveItem(atPath: database, toPath: target)
        }
        return target
    }

    /// Puts a copy of the backup in the database's place, whole or not at all.
    func restoreBackup() throws {
        let temporary = database + ".tmp"
        try? FileManager.default.removeItem(atPath: temporary)
        try FileManager.default.copyItem(atPath: backup, toPath: temporary)
        try DurableFile.sync(temporary)
        try DurableFile.rename(temporary, to: database)
    }
}
