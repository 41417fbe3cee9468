import GRDB

/// A settled file whose content nobody has looked at yet.
package struct UninspectedFile: Codable, Sendable, Equatable {
    /// The sample's row.
    package var sample: Int64
    package var modality: String
    /// Relative to the data set's folder.
    package var path: String
    package var bytes: Int64
    /// Grows when the file changes: hand it back with the result.
    package var generation: Int64
}

/// What an inspection found in a file.
package struct Inspection: Sendable, Equatable {
    /// SHA-256 of the content, hexadecimal.
    package var digest: String
    package var bytes: Int64
    package var width: Int
    package var height: Int
    package var channels: Int
    package var bitDepth: Int
    package var warnings: [String]

    /// Makes a result.
    package init(
        digest: String, bytes: Int64, width: Int, height: Int, channels: Int, bitDepth: Int,
        warnings: [String] = []
    ) {
        self.digest = digest
        self.bytes = bytes
        self.width = width
        self.height = height
        self.channels = channels
        self.bitDepth = bitDepth
        self.warnings = warnings
    }
}

extension Catalog {
    /// Files that wait for inspection, those of quarantined samples left out.
    package func uninspectedFiles(
        ofDataset id: Int64, limit: Int = 1_000
    ) async throws -> [UninspectedFile] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT files.* FROM samples JOIN files ON files.sample = samples.id
                    WHERE dataset = ? AND state <> ? AND inspected = 0
                    ORDER BY samples.id, modality LIMIT ?
                    """, arguments: [id, SampleState.quarantined, limit]
            ).map {
                UninspectedFile(
                    sample: $0["sample"], modality: $0["modality"], path: $0["path"],
                    bytes: $0["size"], generation: $0["generation"])
            }
        }
    }

    /// The data sets that hold files which wait for inspection.
    package func datasetsToInspect() async throws -> [Int64] {
        try await read { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT dataset FROM files JOIN samples ON samples.id = files.sample
                    JOIN datasets ON datasets.id = samples.dataset
                    WHERE inspected = 0 AND samples.state <> ? AND datasets.state = 'online'
                    ORDER BY dataset
                    """, arguments: [SampleState.quarantined])
        }
    }

    /// Keeps what an inspection found.
    ///
    /// - Returns: Whether it was kept: false where the file has changed or gone since it was listed.
    @discardableResult
    package func recordInspection(
        of file: UninspectedFile, _ inspection: Inspection
    ) async throws -> Bool {
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE files SET inspected = 1, digest = ?, width = ?, height = ?,
                        channels = ?, bit_depth = ?, warnings = ?
                    WHERE sample = ? AND modality = ? AND generation = ? AND size = ?
                    """,
                arguments: [
                    inspection.digest, inspection.width, inspection.height, inspection.channels,
                    inspection.bitDepth, try JSONText.encode(inspection.warnings), file.sample,
                    file.modality, file.generation, inspection.bytes,
                ])
            return db.changesCount > 0
        }
    }
}
