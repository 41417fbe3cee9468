import GRDB

/// A sample as a job takes it: complete, inspected and not quarantined.
package struct FrozenSample: Codable, Sendable, Equatable {
    /// A file of it.
    package struct File: Codable, Sendable, Equatable {
        /// Relative to the data set's folder.
        package var path: String
        /// SHA-256 of the content, hexadecimal.
        package var digest: String
        package var bytes: Int64
        /// Pixels as stored, known since inspection.
        package var width: Int?, height: Int?
    }

    package var id: Int64
    package var key: String
    package var group: String
    /// `train`, `test` or `validation`.
    package var split: String
    package var label: String?
    package var attributes: [String: String]
    /// By modality.
    package var files: [String: File]
}

extension Catalog {
    /// The samples that a job which starts now may use, in the order of their keys.
    ///
    /// - Parameter label: The column of the labels file that replaces the manifest's label column.
    /// - Throws: `CatalogError.notFound` where no labelled sample has that column.
    package func frozenSamples(
        ofDataset id: Int64, label: String? = nil
    ) async throws -> [FrozenSample] {
        let (samples, hasColumn) = try await read { db in
            var samples: [FrozenSample] = []
            var hasColumn = false
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT samples.id, key, scene_group, split, label, attributes, modality, path,
                        digest, size, width, height
                    FROM samples JOIN files ON files.sample = samples.id
                    WHERE dataset = ? AND state = ? AND NOT EXISTS (
                        SELECT 1 FROM files AS other
                        WHERE other.sample = samples.id
                            AND (other.inspected = 0 OR other.digest IS NULL))
                    ORDER BY key, modality
                    """, arguments: [id, SampleState.paired])
            while let row = try rows.next() {
                let sample: Int64 = row["id"]
                if samples.last?.id != sample {
                    let attributes = try JSONText.decode(
                        row["attributes"], as: [String: String].self)
                    let written: String? = row["label"]
                    let chosen = label.map { attributes[$0] } ?? written
                    if let label, attributes[label] != nil { hasColumn = true }
                    samples.append(
                        FrozenSample(
                            id: sample, key: row["key"], group: row["scene_group"],
                            split: row["split"], label: chosen?.isEmpty == true ? nil : chosen,
                            attributes: attributes, files: [:]))
                }
                samples[samples.count - 1].files[row["modality"]] = FrozenSample.File(
                    path: row["path"], digest: row["digest"], bytes: row["size"],
                    width: row["width"], height: row["height"])
            }
            return (samples, hasColumn)
        }
        if let label, !hasColumn, !samples.isEmpty {
            throw CatalogError(
                .notFound, "found no column `\(label)` in the data set's labels file",
                hint: "set `label` under [dataset] of the recipe to a column of that file")
        }
        return samples
    }
}
