import GRDB

/// Test and validation frames that stand beside a training frame, as far as keys tell in which order frames were recorded.
package struct SplitNeighbours: Sendable, Equatable {
    /// The files of a test frame and of the training frame beside it, by modality.
    package struct Example: Sendable, Equatable {
        package var held: [String: String]
        package var learned: [String: String]
    }

    /// Complete samples of the test and the validation split.
    package var held = 0
    /// Those of them that have a training frame right before or behind them.
    package var beside = 0
    /// Some of these, spread over the data set.
    package var examples: [Example] = []

    /// Whether that is more than where two stretches of frames meet.
    package var isNotable: Bool { beside >= 4 && 20 * beside >= held }
}

extension Catalog {
    /// Looks for frames of train and test beside each other where a labels file says who is where.
    ///
    /// Splits that are dealt here keep a distance, or say themselves that they keep none.
    ///
    /// - Parameter isSplit: whether a folder is called like a split: such folders part what was one recording.
    package func splitNeighbours(
        ofDataset id: Int64, examples limit: Int = 16,
        isSplit: @escaping @Sendable (Substring) -> Bool
    ) async throws -> SplitNeighbours {
        try await read { db in
            let rule = try Self.dataset(id: id, db).split?.rule
            guard rule == .column || rule == .named else { return SplitNeighbours() }
            let rows = try Row.fetchAll(
                db, sql: "SELECT id, key, split FROM samples WHERE dataset = ? AND state = ?",
                arguments: [id, SampleState.paired])
            var samples: [String: (id: Int64, split: String)] = [:]
            for row in rows {
                samples[row["key"]] = (row["id"], row["split"] as String? ?? "")
            }
            var found = SplitNeighbours()
            var pairs: [(held: Int64, learned: Int64)] = []
            for sequence in Self.recordings(Array(samples.keys), isSplit) {
                let frames = sequence.compactMap { samples[$0] }
                for (place, frame) in frames.enumerated() where Self.isHeld(frame.split) {
                    found.held += 1
                    let beside = [-1, 1].compactMap { step -> Int? in
                        var other = place + step
                        // Past one of another held split: three may take turns.
                        if frames.indices.contains(other), Self.isHeld(frames[other].split),
                            frames[other].split != frame.split
                        {
                            other += step
                        }
                        let isLearned =
                            frames.indices.contains(other)
                            && frames[other].split == SplitDealer.learned
                        return isLearned ? other : nil
                    }
                    if let other = beside.first { pairs.append((frame.id, frames[other].id)) }
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

    private static func isHeld(_ split: String) -> Bool {
        split == SplitDealer.held || split == "validation"
    }

    /// Frames in the order of their recording, folders that are called like splits left out of their keys.
    private static func recordings(
        _ keys: [String], _ isSplit: (Substring) -> Bool
    ) -> [[String]] {
        var places: [String: [String]] = [:]
        for key in keys {
            let parts = key.split(separator: "/", omittingEmptySubsequences: false)
            let kept = parts.enumerated().filter {
                $0.offset == parts.count - 1 || !isSplit($0.element)
            }
            places[kept.map { String($0.element) }.joined(separator: "/"), default: []].append(key)
        }
        return FrameOrder.sequences(Array(places.keys)).map { sequence in
            sequence.flatMap { places[$0]?.sorted() ?? [] }
        }
    }
}

private func pictures(of sample: Int64, _ db: Database) throws -> [String: String] {
    let rows = try Row.fetchAll(
        db, sql: "SELECT modality, path FROM files WHERE sample = ?", arguments: [sample])
    return Dictionary(
        rows.map { ($0["modality"] as String, $0["path"] as String) }, uniquingKeysWith: { $1 })
}
