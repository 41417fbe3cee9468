/// Deals samples out to `train`, `test` and `guard`, so that what was recorded together stays together.
///
/// Whole scene folders where there are at least five and their names are not the labels; else blocks of consecutive
/// frames, in each folder by itself, the last part of a stretch for the test and some frames between the two for
/// neither. Frames that lie beside each other look alike: dealt one by one, a test would ask what was learned by heart.
struct SplitDealer {
    static let fewestFolders = 5
    static let held = "test", learned = "train", unused = "guard"

    /// The part of all samples that the test split is to have, 0..<1.
    let test: Double

    /// Deals findings out.
    ///
    /// - Returns: By which rule.
    func deal(_ findings: inout [ScanFinding]) -> SplitPlan.Rule {
        let folders = Dictionary(grouping: findings.indices) {
            String(FrameOrder.folder(of: findings[$0].key))
        }
        if folders.count >= Self.fewestFolders, !namesAreLabels(folders, findings) {
            dealFolders(folders, &findings)
            return .folders
        }
        let places = Dictionary(
            findings.indices.map { (findings[$0].key, $0) }, uniquingKeysWith: { first, _ in first }
        )
        for index in findings.indices { findings[index].split = Self.learned }
        for sequence in FrameOrder.sequences(findings.map(\.key)) {
            for (key, split) in zip(sequence, splits(of: sequence.count)) {
                if let place = places[key] { findings[place].split = split }
            }
        }
        return .blocks
    }

    /// Whether most labelled samples lie in a folder that is called like their label.
    private func namesAreLabels(_ folders: [String: [Int]], _ findings: [ScanFinding]) -> Bool {
        var (labelled, alike) = (0, 0)
        for (folder, members) in folders {
            let names = Set(folder.split(separator: "/").map { $0.lowercased() })
            for index in members {
                guard let label = findings[index].label else { continue }
                labelled += 1
                alike += names.contains(label.lowercased()) ? 1 : 0
            }
        }
        return labelled > 0 && 2 * alike > labelled
    }

    /// Takes folders in an order that only their names decide, until the test has its share.
    private func dealFolders(_ folders: [String: [Int]], _ findings: inout [ScanFinding]) {
        let wanted = test * Double(findings.count)
        let order = folders.keys.sorted {
            (SplitRule.hash($0), $0) < (SplitRule.hash($1), $1)
        }
        var (taken, left) = (0.0, folders.count)
        for folder in order {
            let members = folders[folder] ?? []
            // Half a folder too much is nearer than half a folder too little; one folder is always learned from.
            let isHeld =
                test > 0 && left > 1 && (taken == 0 || taken + Double(members.count) / 2 <= wanted)
            if isHeld { taken += Double(members.count) }
            left -= isHeld ? 1 : 0
            for index in members { findings[index].split = isHeld ? Self.held : Self.learned }
        }
    }

    /// The splits of consecutive frames: stretches that end with a block of the test.
    private func splits(of count: Int) -> [String] {
        guard test > 0, count >= 4 else {
            return [String](repeating: Self.learned, count: count)
        }
        let stretches = max(1, min(8, count / 250))
        let between = count >= 100 ? 5 : count >= 20 ? 2 : count >= 8 ? 1 : 0
        var splits: [String] = []
        for stretch in 0..<stretches {
            let length = count * (stretch + 1) / stretches - count * stretch / stretches
            let block = min(length - 2, max(1, Int((test * Double(length)).rounded())))
            let before = min(between, max(0, length - block - 1))
            // What follows a block of the test is a neighbour too.
            let after = stretch == 0 ? 0 : min(between, max(0, length - block - before - 1))
            splits += [String](repeating: Self.unused, count: after)
            splits += [String](repeating: Self.learned, count: length - after - before - block)
            splits += [String](repeating: Self.unused, count: before)
            splits += [String](repeating: Self.held, count: block)
        }
        return splits
    }
}
