import GRDB

/// Test frames that stand beside a training frame, as far as keys tell in which order frames were recorded.
package struct SplitNeighbours: Sendable, Equatable {
    /// The files of a test frame and of the training frame beside it, by modality.
    package struct Example: Sendable, Equatable {
        package var held: [String: String]
        package var learned: [String: String]
    }

    /// Complete samples of the test split.
    package var held = 0
    /// Those of them that have a training frame right before or behind them.
    package var beside = 0
    /// Some of these, spread over the data set.
    package var examples: [Example] = []

    /// Whether that is more than where two stretches of frames meet.
    package var isNotable: Bool { beside >= 8 && 10 * beside >= held }
}

extension Catalog {
    /// Looks for frames of train and test beside each other where a labels file says who is where.
    ///
    /// Splits that are dealt here keep a distance, or say themselves that they keep none.
    package func splitNeighbours(
        ofDataset id: Int64, examples limit: Int = 16
    ) async throws -> SplitNeighbours {
        try await read { db in
            guard try Self.dataset(id: id, db).split?.rule == .column else {
                return SplitNeighbours()
            }
            let rows = try Row.fetchAll(
                db, sql: "SELECT id, key, split FROM samples WHERE dataset = ? AND state = ?",
                arguments: [id, SampleState.paired])
            var samples: [String: (id: Int64, split: String)] = [:]
            for row in rows {
                samples[row["key"]] = (row["id"], row["split"] as String? ?? "")
            }
            var found = SplitNeighbours()
            var pairs: [(held: Int64, learned: Int64)] = []
            for sequence in FrameOrder.sequences(Array(samples.keys)) {
                let frames = sequence.compactMap { samples[$0] }
                for (place, frame) in frames.enumerated() where frame.split == SplitDealer.held {
                    found.held += 1
                    let beside = [place - 1, place + 1].filter(frames.indices.contains)
                    guard
                        let other = beside.first(where: {
                            frames[$0].split == SplitDealer.learned
                        })
                    else { continue }
                    pairs.append((frame.id, frames[other].id))
                }
            }
            found.beside = pairs.count
            for number in 0..<min(limit, pairs.count) {
                let pair = pairs[number * pairs.count / min(limit, pairs.count)]
                found.examples.append(
                    .init(
                        held: try pictures(of: pair.held, db),
                        learned: try pictures(of: pair.learned, db)
                    ))
            }
            return found
        }
    }
}

private func pictures(of sample: Int64, _ db: Database) throws -> [String: String] {
    let rows = try Row.fetchAll(
        db, sql: "SELECT modality, path FROM files WHERE sample = ?", arguments: [sample])
    return Dictionary(
        rows.map { ($0["modality"] as String, $0["path"] as String) }, uniquingKeysWith: { $1 })
}
