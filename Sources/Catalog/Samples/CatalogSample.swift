import GRDB

/// Files of one moment that belong together, one for each modality.
package struct CatalogSample: Codable, Sendable, Equatable {
    package var id: Int64
    /// The data set's row.
    package var dataset: Int64
    /// What pairs the files, such as `frame-000012`.
    package var key: String
    /// The scene group that splits are made by.
    package var group: String
    /// `train`, `test` or `validation`.
    package var split: String
    /// See `SampleState`.
    package var state: String
    package var label: String?
    /// Every column of the labels file but the key, by name.
    package var attributes: [String: String]
    /// Why it is quarantined: a stable dotted code.
    package var code: String?
    /// Why it is quarantined, in words.
    package var reason: String?
    /// Milliseconds since 1970.
    package var changed: Int64
    /// In the order of the modalities' names.
    package var files: [CatalogFile]

    init(_ row: Row, files: [CatalogFile]) throws {
        id = row["id"]
        dataset = row["dataset"]
        key = row["key"]
        group = row["scene_group"]
        split = row["split"]
        state = row["state"]
        label = row["label"]
        attributes = try JSONText.decode(row["attributes"], as: [String: String].self)
        code = row["code"]
        reason = row["reason"]
        changed = row["changed"]
        self.files = files
    }
}

/// One file of a sample.
package struct CatalogFile: Codable, Sendable, Equatable {
    package var modality: String
    /// Relative to the data set's folder.
    package var path: String
    package var bytes: Int64
    /// Nanoseconds since 1970.
    package var modified: Int64
    /// Whether the header was checked and the content digested since the file last changed.
    package var inspected: Bool
    /// SHA-256, hexadecimal; nil before inspection.
    package var digest: String?
    package var width: Int?
    package var height: Int?
    package var channels: Int?
    package var bitDepth: Int?
    /// What looked odd without being an error.
    package var warnings: [String]

    init(_ row: Row) throws {
        modality = row["modality"]
        path = row["path"]
        bytes = row["size"]
        modified = row["modified_ns"]
        inspected = row["inspected"]
        digest = row["digest"]
        width = row["width"]
        height = row["height"]
        channels = row["channels"]
        bitDepth = row["bit_depth"]
        warnings = try JSONText.decode(row["warnings"], as: [String].self)
    }
}

/// Which samples a listing shows.
package struct SampleFilter: Sendable, Equatable {
    package var state: String?
    package var split: String?
    package var label: String?
    /// Samples whose key contains this.
    package var key: String?

    package init(
        state: String? = nil, split: String? = nil, label: String? = nil, key: String? = nil
    ) {
        self.state = state
        self.split = split
        self.label = label
        self.key = key
    }
}

/// A part of a listing.
package struct SamplePage: Codable, Sendable, Equatable {
    package var samples: [CatalogSample]
    /// The key to continue after; nil at the end.
    package var next: String?
}
