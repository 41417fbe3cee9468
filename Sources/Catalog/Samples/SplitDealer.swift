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
        if let folders = scenes(of: findings), dealFolders(folders, &findings) { return .folders }
        dealBlocks(FrameOrder.sequences(findings.map(\.key)), &findings)
        if test > 0, findings.count >= 4, !findings.contains(where: { $0.split == Self.held }) {
            // Many folders of a few pictures each: their order is all there is.
            let order = findings.map(\.key).sorted(by: FrameOrder.precedes)
            dealBlocks([order], &findings)
        }
        return .blocks
    }

    private func dealBlocks(_ sequences: [[String]], _ findings: inout [ScanFinding]) {
        let places = Dictionary(
            findings.indices.map { (findings[$0].key, $0) }, uniquingKeysWith: { first, _ in first }
        )
        for index in findings.indices { findings[index].split = Self.learned }
        for sequence in sequences {
            for (key, split) in zip(sequence, splits(of: sequence.count)) {
                if let place = places[key] { findings[place].split = split }
            }
        }
    }

    // MARK: Folders

    /// Findings by scene: the shortest leading part of their folders that tells at least five apart, so that several
    /// cameras of one scene stay together; nil where there are fewer, or the names are the labels.
    private func scenes(of findings: [ScanFinding]) -> [String: [Int]]? {
        let folders = findings.map { FrameOrder.folder(of: $0.key).split(separator: "/") }
        for depth in 1...max(1, folders.map(\.count).max() ?? 1) {
            let scenes = Dictionary(grouping: findings.indices) {
                folders[$0].prefix(depth).joined(separator: "/")
            }
            guard scenes.count >= Self.fewestFolders else { continue }
            return namesAreLabels(scenes, findings) ? nil : scenes
        }
        return nil
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
    ///
    /// - Returns: false where no choice of folders is a test: one is nearly all there is, or all samples of a label
    /// would be held out.
    private func dealFolders(_ folders: [String: [Int]], _ findings: inout [ScanFinding]) -> Bool {
        guard test > 0 else {
            for index in findings.indices { findings[index].split = Self.learned }
            return true
        }
        let wanted = test * Double(findings.count)
        var taken = 0.0
        var held: Set<String> = []
        for folder in folders.keys.sorted(by: {
            (SplitRule.hash($0), $0) < (SplitRule.hash($1), $1)
        }) {
            let size = Double(folders[folder]?.count ?? 0)
            // Half a folder too much is nearer than half a folder too little; a large one is none of a test's.
            guard taken + size / 2 <= wanted || (taken == 0 && size <= 1.5 * wanted) else {
                continue
            }
            taken += size
            held.insert(folder)
        }
        guard taken >= wanted / 2, held.count < folders.count else { return false }
        var labels: Set<String> = []
        var learned: Set<String> = []
        for (folder, members) in folders {
            let isHeld = held.contains(folder)
            for index in members {
                findings[index].split = isHeld ? Self.held : Self.learned
                guard let label = findings[index].label else { continue }
                labels.insert(label)
                if !isHeld { learned.insert(label) }
            }
        }
        return labels == learned
    }

    // MARK: Frames

    /// The splits of consecutive frames: stretches that end with a block of the test.
    ///
    /// - Parameter follows: Whether frames that are in use lie before the first.
    func splits(of count: Int, follows: Bool = false) -> [String] {
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
            let after =
                stretch == 0 && !follows ? 0 : min(between, max(0, length - block - before - 1))
            splits += [String](repeating: Self.unused, count: after)
            splits += [String](repeating: Self.learned, count: length - after - before - block)
            splits += [String](repeating: Self.unused, count: before)
            splits += [String](repeating: Self.held, count: block)
        }
        return splits
    }
}
