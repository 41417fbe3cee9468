import GRDB

/// A folder of paired recordings.
package struct CatalogDataset: Codable, Sendable, Equatable {
    /// How the data set got into the catalog.
    package enum Origin: String, Codable, Sendable {
        /// Found below a watched folder because it holds a dataset.toml.
        case discovered
        /// Named by a user.
        case added
    }

    /// Whether the folder is there.
    package enum State: String, Codable, Sendable {
        case online, offline
    }

    package var id: Int64
    package var name: String
    /// The absolute path of its folder.
    package var root: String
    /// The name of the pairing rule.
    package var layout: String
    /// The text of its manifest: the catalog's own copy.
    package var manifest: String
    /// What every complete sample has: `depth`, `rgb`.
    package var modalities: [String]
    package var origin: Origin
    package var state: State
    /// What the last scan found wrong or odd.
    package var problems: [CatalogProblem]
    /// How its samples came to their splits; nil before the first scan, and in data sets from before it was noted.
    package var split: SplitPlan?
    /// What the last survey found, as JSON; nil before the first.
    package var survey: String?
    /// What the last survey found wrong or odd.
    package var findings: [CatalogProblem]
    /// Of what the last survey was made.
    package var surveyed: String?
    /// Grows with every completed scan.
    package var generation: Int64
    /// Milliseconds since 1970.
    package var created: Int64
    /// When the last scan was completed; nil before the first.
    package var scanned: Int64?

    init(_ row: Row) throws {
        id = row["id"]
        name = row["name"]
        root = row["root"]
        layout = row["layout"]
        manifest = row["manifest"]
        modalities = try JSONText.decode(row["modalities"], as: [String].self)
        origin = Origin(rawValue: row["origin"]) ?? .added
        state = State(rawValue: row["state"]) ?? .offline
        problems = try JSONText.decode(row["problems"], as: [CatalogProblem].self)
        split = try (row["split"] as String?).map { try JSONText.decode($0, as: SplitPlan.self) }
        survey = row["survey"]
        findings = try JSONText.decode(row["findings"], as: [CatalogProblem].self)
        surveyed = row["surveyed"]
        generation = row["generation"]
        created = row["created"]
        scanned = row["scanned"]
    }
}

extension CatalogDataset {
    /// Everything that a person should know: what scan and survey found.
    package var remarks: [CatalogProblem] {
        problems + findings + (split?.remarks(dataset: name) ?? [])
    }
}

/// Something a person should know about a data set.
package struct CatalogProblem: Codable, Sendable, Equatable {
    /// A stable dotted code, such as `root.not_readable`.
    package var code: String
    package var message: String
    /// What to do about it; may be empty.
    package var hint: String

    /// Makes a problem.
    package init(code: String, message: String, hint: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// Whether it only says what was left out, so that nothing needs mending.
    package var isRemark: Bool {
        // A data set may be there to measure with alone.
        ["files.left_out", "split.moved", "labels.no_train"].contains(code)
    }
}

/// A data set that is to be entered.
package struct NewDataset: Sendable, Equatable {
    package var name: String
    package var root: String
    package var layout: String
    package var manifest: String
    package var modalities: [String]
    package var origin: CatalogDataset.Origin

    /// Makes an entry.
    package init(
        name: String, root: String, layout: String, manifest: String, modalities: [String],
        origin: CatalogDataset.Origin
    ) {
        self.name = name
        self.root = root
        self.layout = layout
        self.manifest = manifest
        self.modalities = modalities
        self.origin = origin
    }
}

/// What a data set holds, in figures.
package struct SampleCounts: Codable, Sendable, Equatable {
    package var samples = 0
    /// By state: `paired`, `rgb_only`, `depth_only`, `quarantined`, ...
    package var states: [String: Int] = [:]
    /// Samples by split, of all states.
    package var splits: [String: Int] = [:]
    package var labelled = 0
    package var files = 0
    /// Files whose header was checked and whose content is digested.
    package var inspected = 0
    package var bytes: Int64 = 0

    /// Complete samples.
    package var paired: Int { states[SampleState.paired] ?? 0 }
    package var quarantined: Int { states[SampleState.quarantined] ?? 0 }

    package init() {}
}
