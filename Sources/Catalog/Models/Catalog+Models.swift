import GRDB

extension Catalog {
    /// Every model, by name.
    package func models() async throws -> [CatalogModel] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM models ORDER BY name").map(CatalogModel.init)
        }
    }

    /// The model of a name or an id.
    ///
    /// - Throws: `CatalogError.notFound`.
    package func model(_ reference: String) async throws -> CatalogModel {
        try await read { try Self.model(reference, $0) }
    }

    static func model(_ reference: String, _ db: Database) throws -> CatalogModel {
        if let row = try Row.fetchOne(
            db, sql: "SELECT * FROM models WHERE name = ? OR id = ? ORDER BY name = ? DESC",
            arguments: [reference, Int64(reference), reference])
        {
            return CatalogModel(row)
        }
        throw CatalogError.notFound("model", reference, list: "models list")
    }

    /// Whether a model of this name exists.
    package func hasModel(named name: String) async throws -> Bool {
        try await read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM models WHERE name = ?)", arguments: [name])
                ?? false
        }
    }

    /// `base`, or `base-2`, `base-3`, ...: the first name that no model has.
    package func freeModelName(_ base: String) async throws -> String {
        let taken = Set(try await models().map(\.name))
        var (name, number) = (base, 1)
        while taken.contains(name) {
            number += 1
            name = "\(base)-\(number)"
        }
        return name
    }

    /// Enters a model.
    ///
    /// - Throws: `CatalogError.conflict` where the name is taken.
    @discardableResult
    package func add(_ model: NewModel) async throws -> CatalogModel {
        let now = clock()
        return try await write { [self] db in
            let taken = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM models WHERE name = ?", arguments: [model.name])
            guard taken == 0 else {
                throw CatalogError(
                    .conflict, "a model named `\(model.name)` exists already",
                    hint: "give another --name, or remove that one first")
            }
            try db.execute(
                sql: """
                    INSERT INTO models
                    (name, folder, kind, modality, architecture, digest, summary, job, created)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    model.name, model.folder, model.kind, model.modality, model.architecture,
                    model.digest, model.summary, model.job, now,
                ])
            let id = db.lastInsertedRowID
            try record(
                db, event: "model.added", subject: "model", id: id,
                payload: ["name": model.name, "kind": model.kind])
            return try Self.model("\(model.name)", db)
        }
    }

    /// Removes a model's entry; its folder is left to the caller.
    @discardableResult
    package func removeModel(_ reference: String) async throws -> CatalogModel {
        try await write { [self] db in
            let model = try Self.model(reference, db)
            try db.execute(sql: "DELETE FROM models WHERE id = ?", arguments: [model.id])
            try db.execute(
                sql: "DELETE FROM metrics WHERE subject = 'model' AND id = ?", arguments: [model.id]
            )
            try record(
                db, event: "model.removed", subject: "model", id: model.id,
                payload: ["name": model.name])
            return model
        }
    }
}
