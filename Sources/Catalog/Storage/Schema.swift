import Foundation
import GRDB

/// The catalog's tables, as a list of migrations that only ever grows.
enum Schema {
    /// Every migration in order; a new one is appended with the next number.
    private static let migrations: [(identifier: String, tables: [String])] = [
        ("001", InitialSchema.statements),
        ("002", SurveySchema.statements),
    ]

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in migrations {
            migrator.registerMigration(migration.identifier) { db in
                for statement in migration.tables { try db.execute(sql: statement) }
            }
        }
        return migrator
    }

    /// Brings a database up to date, each migration in a transaction of its own, after a copy.
    static func migrate(_ pool: DatabasePool, files: CatalogFiles) throws {
        let migrator = migrator
        let (isNewer, isCurrent, applied) = try pool.read { db in
            (
                try migrator.hasBeenSuperseded(db), try migrator.hasCompletedMigrations(db),
                try migrator.appliedMigrations(db)
            )
        }
        guard !isNewer else {
            try pool.close()
            throw CatalogError(
                .newerSchema, "\(files.database) was written by a later version of distilld",
                hint: "install that version again, or name another folder with --state")
        }
        guard !isCurrent else { return }
        if !applied.isEmpty,
            let next = migrations.first(where: { !applied.contains($0.identifier) })
        {
            let copy = files.beforeMigration(next.identifier)
            try? FileManager.default.removeItem(atPath: copy)
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM INTO ?", arguments: [copy])
            }
        }
        try migrator.migrate(pool)
    }
}
