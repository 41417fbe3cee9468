/// One member of a job's immutable sample list: the files of a pair and what is known of them.
package struct Sample: Sendable, Hashable {
    package struct File: Sendable, Hashable {
        /// Absolute.
        package let path: String
        package let digest: ContentDigest
        /// Pixels as stored, where somebody has looked already.
        package let width: Int?, height: Int?

        package init(
            path: String, digest: ContentDigest, width: Int? = nil, height: Int? = nil
        ) {
            self.path = path
            self.digest = digest
            self.width = width
            self.height = height
        }
    }

    /// The catalog's row, by which failures are reported.
    package let id: Int64
    /// What pairs the files, such as `frame-000012`.
    package let key: String
    package let split: String
    /// By modality.
    package let files: [String: File]
    /// The class's name, where the pair is labelled.
    package let label: String?
    /// Further columns of the labels file.
    package let attributes: [String: String]

    package init(
        id: Int64, key: String, split: String, files: [String: File], label: String?,
        attributes: [String: String]
    ) {
        self.id = id
        self.key = key
        self.split = split
        self.files = files
        self.label = label
        self.attributes = attributes
    }

    /// The digest that the pair's views are drawn from: RGB's, so that every student of a pair sees the
    /// views that its teacher saw.
    package var anchor: ContentDigest? {
        (files["rgb"] ?? files.min { $0.key < $1.key }?.value)?.digest
    }
}
