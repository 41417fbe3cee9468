/// What a scan of a folder found of one sample.
package struct ScanFinding: Sendable, Equatable {
    /// One file and what stat said of it.
    package struct File: Sendable, Equatable {
        package var modality: String
        /// Relative to the data set's folder.
        package var path: String
        package var stamp: FileStamp

        /// Makes a file.
        package init(modality: String, path: String, stamp: FileStamp) {
            self.modality = modality
            self.path = path
            self.stamp = stamp
        }
    }

    package var key: String
    package var group: String
    /// `train`, `test` or `validation`.
    package var split: String
    package var label: String?
    package var attributes: [String: String]
    /// At most one for each modality, at least one.
    package var files: [File]
    /// Whether `split` is to be dealt with all the others.
    package var isOpen = false
    /// Whether a file of it is still being written: what the catalog holds of this key stays as it is.
    package var isPending = false

    /// Makes a finding.
    package init(
        key: String, group: String, split: String, label: String? = nil,
        attributes: [String: String] = [:], files: [File], isOpen: Bool = false,
        isPending: Bool = false
    ) {
        self.key = key
        self.group = group
        self.split = split
        self.label = label
        self.attributes = attributes
        self.files = files.sorted { $0.modality < $1.modality }
        self.isOpen = isOpen
        self.isPending = isPending
    }
}

/// What tells whether a file is still the same: equal stamps mean equal content.
package struct FileStamp: Sendable, Equatable, Codable {
    /// Where the file lies; many file systems get another number at every mount, so it does not count.
    package var device: Int64
    package var inode: Int64
    package var size: Int64
    /// Nanoseconds since 1970.
    package var modified: Int64
    /// Nanoseconds since 1970: also moves when the file is renamed or its rights change.
    package var changed: Int64

    /// Makes a stamp.
    package init(device: Int64, inode: Int64, size: Int64, modified: Int64, changed: Int64) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    package static func == (left: FileStamp, right: FileStamp) -> Bool {
        left.identity == right.identity && left.changed == right.changed
    }

    /// The part that a rename leaves as it is.
    var identity: FileIdentity { FileIdentity(inode: inode, size: size, modified: modified) }
}

/// A file under whatever name.
struct FileIdentity: Hashable {
    var inode: Int64
    var size: Int64
    var modified: Int64
}

/// What a completed scan changed.
package struct ScanSummary: Codable, Sendable, Equatable {
    /// Samples by what happened to them.
    package var added = 0
    package var removed = 0
    package var renamed = 0
    /// Samples whose files or labels changed.
    package var changed = 0
    /// Samples that wait because a file of theirs is still being written.
    package var pending = 0
    /// What the data set holds now.
    package var counts = SampleCounts()

    package var isEmpty: Bool { added + removed + renamed + changed == 0 }

    package init() {}
}
