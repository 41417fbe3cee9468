import Foundation
import GRDB

extension Catalog {
    /// Opens the catalog of a state folder, creating both as needed.
    ///
    /// After a crash the database is checked; a damaged one is set aside and the backup, or an empty
    /// database, takes its place (`recovery` says so). The caller holds the lock that keeps a second
    /// daemon out.
    ///
    /// - Parameter clock: Milliseconds since 1970; tests bring their own.
    /// - Throws: `CatalogError`: `.newerSchema`, `.unavailable`, `.diskFull`.
    package static func open(
        folder: String, clock: @escaping @Sendable () -> Int64 = Catalog.currentTime
    ) throws -> Catalog {
        let files = CatalogFiles(folder: folder)
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw CatalogError(
                .unavailable, "cannot create the state folder \(folder): \(error)",
                hint: "name another with --state or `state = ...`")
        }
        let crashed = files.exists(files.marker)
        do {
            try files.writeMarker()
        } catch {
            throw CatalogError(
                .unavailable, "cannot write into the state folder \(folder): \(error)",
                hint: "make it writable for this user, or name another with --state")
        }
        do {
            let pool = try connect(files, checking: crashed)
            return Catalog(
                pool: pool, files: files, recovery: crashed ? .checkedAfterCrash : .none,
                clock: clock)
        } catch let error as CatalogError where error.code == .corrupt {
            return try recover(files, clock: clock)
        } catch let error as CatalogError {
            if !crashed { files.removeMarker() }
            throw error
        }
    }

    private static func recover(
        _ files: CatalogFiles, clock: @escaping @Sendable () -> Int64
    ) throws -> Catalog {
        let damaged = try files.setAside(at: clock())
        if files.exists(files.backup) {
            do {
                try files.restoreBackup()
                return Catalog(
                    pool: try connect(files, checking: true), files: files,
                    recovery: .restoredBackup(damagedFile: damaged), clock: clock)
            } catch let error as CatalogError where error.code == .corrupt {
                _ = try files.setAside(at: clock() + 1)
            }
        }
        return Catalog(
            pool: try connect(files, checking: false), files: files,
            recovery: .startedEmpty(damagedFile: damaged), clock: clock)
    }

    /// Opens the file, checks it if asked, brings its schema up to date.
    private static func connect(_ files: CatalogFiles, checking: Bool) throws -> DatabasePool {
        do {
            let pool = try DatabasePool(path: files.database, configuration: settings())
            // A small file is checked at every start: it costs milliseconds.
            let size =
                try FileManager.default.attributesOfItem(atPath: files.database)[.size] as? Int64
            if checking || (size ?? 0) < 32 << 20 {
                let verdict = try pool.read { db in
                    try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
                }
                guard verdict == "ok" else {
                    try pool.close()
                    throw CatalogError(.corrupt, "\(files.database) is damaged: \(verdict ?? "")")
                }
            }
            try pool.writeWithoutTransaction { db in
                // GRDB chooses NORMAL for WAL: an acknowledged job would not survive a power cut.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA journal_size_limit = \(16 << 20)")
            }
            try Schema.migrate(pool, files: files)
            return pool
        } catch let error as DatabaseError {
            throw CatalogError(error, path: files.database)
        }
    }

    private static func settings() -> GRDB.Configuration {
        var settings = GRDB.Configuration()
        settings.label = "catalog"
        settings.busyMode = .timeout(10)
        settings.foreignKeysEnabled = true
        settings.maximumReaderCount = 3
        settings.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -2048")
        }
        return settings
    }
}
