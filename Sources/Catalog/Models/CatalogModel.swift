import GRDB

/// A model in the state folder.
package struct CatalogModel: Codable, Sendable, Equatable {
    package var id: Int64
    package var name: String
    /// Holds `model.json` and the weights.
    package var folder: String
    /// `imported`, `trained` or `distilled`.
    package var kind: String
    /// What it looks at: `rgb`, `depth`, ...
    package var modality: String
    package var architecture: String
    /// SHA-256 of the weights, hexadecimal.
    package var digest: String
    /// A JSON object: classes, input size, sizes, ...
    package var summary: String
    /// The job that made it, where one did.
    package var job: Int64?
    /// Milliseconds since 1970.
    package var created: Int64

    init(_ row: Row) {
        id = row["id"]
        name = row["name"]
        folder = row["folder"]
        kind = row["kind"]
        modality = row["modality"]
        architecture = row["architecture"]
        digest = row["digest"]
        summary = row["summary"]
        job = row["job"]
        created = row["created"]
    }
}

/// A model that is to be entered.
package struct NewModel: Sendable, Equatable {
    package var name: String
    package var folder: String
    package var kind: String
    package var modality: String
    package var architecture: String
    package var digest: String
    package var summary: String
    package var job: Int64?

    /// Makes an entry.
    package init(
        name: String, folder: String, kind: String, modality: String, architecture: String,
        digest: String, summary: String = "{}", job: Int64? = nil
    ) {
        self.name = name
        self.folder = folder
        self.kind = kind
        self.modality = modality
        self.architecture = architecture
        self.digest = digest
        self.summary = summary
        self.job = job
    }
}
