/// Deals out samples that came after the splits were fixed, so that no frame of the test gets a neighbour that is
/// learned from.
///
/// A new frame between two known ones of one split has theirs, between two different ones it is used in neither. Behind
/// the last known frame a long run is dealt like a recording of its own, after a guard; a short one is learned from,
/// after a guard where the frame before it is tested.
struct SplitContinuation {
    /// New frames behind the known ones that are dealt by themselves.
    static let longRun = 20
    static let between = 5

    let dealer: SplitDealer
    let rule: SplitPlan.Rule
    /// The splits of known samples by key.
    let known: [String: String]

    func deal(_ findings: inout [ScanFinding]) {
        guard rule == .folders else { return dealFrames(&findings) }
        // A scene that is known stays where it is.
        var sides: [Substring: String] = [:]
        for (key, split) in known { sides[FrameOrder.folder(of: key)] = split }
        var strangers: [ScanFinding] = []
        for index in findings.indices {
            if let side = sides[FrameOrder.folder(of: findings[index].key)] {
                findings[index].split = side
            } else {
                strangers.append(findings[index])
            }
        }
        _ = dealer.deal(&strangers)
        let dealt = Dictionary(
            strangers.map { ($0.key, $0.split) }, uniquingKeysWith: { first, _ in first })
        for index in findings.indices {
            if let split = dealt[findings[index].key] { findings[index].split = split }
        }
    }

    private func dealFrames(_ findings: inout [ScanFinding]) {
        let places = Dictionary(
            findings.indices.map { (findings[$0].key, $0) }, uniquingKeysWith: { first, _ in first }
        )
        for sequence in FrameOrder.sequences(Array(known.keys) + Array(places.keys)) {
            var position = 0
            while position < sequence.count {
                guard known[sequence[position]] == nil else {
                    position += 1
                    continue
                }
                var end = position
                while end < sequence.count, known[sequence[end]] == nil { end += 1 }
                let before = position > 0 ? known[sequence[position - 1]] : nil
                let after = end < sequence.count ? known[sequence[end]] : nil
                let splits = splits(of: end - position, before: before, after: after)
                for (key, split) in zip(sequence[position..<end], splits) {
                    if let place = places[key] { findings[place].split = split }
                }
                position = end
            }
        }
    }

    private func splits(of count: Int, before: String?, after: String?) -> [String] {
        func all(_ split: String) -> [String] { [String](repeating: split, count: count) }
        switch (before, after) {
        case (nil, nil): return dealer.splits(of: count)
        case (let before?, nil):
            if count >= Self.longRun { return dealer.splits(of: count, follows: true) }
            guard before == SplitDealer.held else { return all(SplitDealer.learned) }
            let unused = min(count, Self.between)
            return [String](repeating: SplitDealer.unused, count: unused)
                + [String](repeating: SplitDealer.learned, count: count - unused)
        case (nil, let after?):
            return all(after == SplitDealer.held ? SplitDealer.unused : after)
        case (let before?, let after?): return all(before == after ? before : SplitDealer.unused)
        }
    }
}
