/// A data set as `datasets list` and `datasets show` present it.
package struct DatasetSummary: Codable, Sendable, Equatable {
    package var name: String
    /// The absolute folder; nothing is ever written there.
    package var path: String
    package var layout: String
    /// `scanning`, `ready`, `offline` (its folder is gone) or `failed`.
    package var state: String
    /// Why it is offline or failed.
    package var reason: String?
    package var modalities: [String]
    package var classes: [String]
    /// Samples by state: `paired`, `rgb_only`, `depth_only`, `quarantined`, ... and `total`.
    package var samples: [String: Int]
    /// Samples by split.
    package var splits: [String: Int]
    /// How samples came to their splits, in words; nil where that is not known yet.
    package var splitBy: String?
    /// Samples with a label.
    package var labelled: Int
    package var files: Int
    /// Files whose header was checked and whose content is digested.
    package var inspected: Int
    package var added: Timestamp
    package var scanned: Timestamp?
    package var warnings: [String]
    /// What a spread sample of its pairs looks like; nil before the first survey.
    package var survey: DatasetSurvey?
    /// The text of dataset.toml as the catalog holds it; only in `show`.
    package var manifest: String?

    package init(
        name: String, path: String, layout: String, state: String, reason: String? = nil,
        modalities: [String], classes: [String], samples: [String: Int], splits: [String: Int],
        splitBy: String? = nil, labelled: Int, inspected: Int = 0, files: Int = 0, added: Timestamp,
        scanned: Timestamp? = nil, warnings: [String] = [],
        survey: DatasetSurvey? = nil, manifest: String? = nil
    ) {
        self.name = name
        self.path = path
        self.layout = layout
        self.state = state
        self.reason = reason
        self.modalities = modalities
        self.classes = classes
        self.samples = samples
        self.splits = splits
        self.splitBy = splitBy
        self.labelled = labelled
        self.files = files
        self.inspected = inspected
        self.added = added
        self.scanned = scanned
        self.warnings = warnings
        self.survey = survey
        self.manifest = manifest
    }

    private enum CodingKeys: String, CodingKey {
        case name, path, layout, state, reason, modalities, classes, samples, splits, labelled,
            files
        case inspected, added, scanned, warnings, survey, manifest
        case splitBy = "split_by"
    }
}

package struct DatasetReply: Codable, Sendable, Equatable {
    package var dataset: DatasetSummary

    package init(dataset: DatasetSummary) {
        self.dataset = dataset
    }
}

package struct DatasetsReply: Codable, Sendable, Equatable {
    package var datasets: [DatasetSummary]

    package init(datasets: [DatasetSummary]) {
        self.datasets = datasets
    }
}

/// What a deletion removed.
package struct RemovedReply: Codable, Sendable, Equatable {
    package var removed: String

    package init(removed: String) {
        self.removed = removed
    }
}

/// One sample: the files that share a key, and what became of them.
package struct SampleSummary: Codable, Sendable, Equatable {
    package struct File: Codable, Sendable, Equatable {
        /// Relative to the data set's folder.
        package var path: String
        package var bytes: Int64
        /// SHA-256, nil until inspected.
        package var digest: String?
        package var width: Int?
        package var height: Int?
        package var channels: Int?
        package var bitDepth: Int?
        package var warnings: [String]

        package init(
            path: String, bytes: Int64, digest: String? = nil, width: Int? = nil,
            height: Int? = nil, channels: Int? = nil, bitDepth: Int? = nil, warnings: [String] = []
        ) {
            self.path = path
            self.bytes = bytes
            self.digest = digest
            self.width = width
            self.height = height
            self.channels = channels
            self.bitDepth = bitDepth
            self.warnings = warnings
        }

        private enum CodingKeys: String, CodingKey {
            case path, bytes, digest, width, height, channels, warnings
            case bitDepth = "bit_depth"
        }
    }

    package var id: Int64
    package var dataset: String
    package var key: String
    package var state: String
    package var split: String?
    package var group: String?
    package var label: String?
    package var attributes: [String: String]
    /// By modality.
    package var files: [String: File]
    /// A stable dotted code of why it is quarantined.
    package var code: String?
    package var reason: String?

    package init(
        id: Int64, dataset: String, key: String, state: String, split: String? = nil,
        group: String? = nil, label: String? = nil, attributes: [String: String] = [:],
        files: [String: File], code: String? = nil, reason: String? = nil
    ) {
        self.id = id
        self.dataset = dataset
        self.key = key
        self.state = state
        self.split = split
        self.group = group
        self.label = label
        self.attributes = attributes
        self.files = files
        self.code = code
        self.reason = reason
    }
}

package struct SampleReply: Codable, Sendable, Equatable {
    package var sample: SampleSummary

    package init(sample: SampleSummary) {
        self.sample = sample
    }
}

/// A page of samples in the order of their keys.
package struct SamplesReply: Codable, Sendable, Equatable {
    package var samples: [SampleSummary]
    /// Pass as `after` for the next page; nil: this was the last.
    package var next: String?

    package init(samples: [SampleSummary], next: String?) {
        self.samples = samples
        self.next = next
    }
}

/// What `samples retry` brought back.
package struct RetriedReply: Codable, Sendable, Equatable {
    package var retried: [Int64]
    /// Ids that are not quarantined or do not exist.
    package var skipped: [Int64]

    package init(retried: [Int64], skipped: [Int64]) {
        self.retried = retried
        self.skipped = skipped
    }
}
