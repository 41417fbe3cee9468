/// What has to be done so that the catalog holds what a scan found. Pure: rows in, lists out.
struct ScanDifference {
    /// A sample as the catalog holds it.
    struct Known {
        var id: Int64
        var finding: ScanFinding
        var state: String
    }

    /// A sample in both, with differences.
    struct Update {
        var known: Known
        var finding: ScanFinding
    }

    /// A sample whose files all carry new names.
    struct Rename {
        var id: Int64
        var finding: ScanFinding
    }

    private(set) var added: [ScanFinding] = []
    private(set) var removed: [Known] = []
    private(set) var updates: [Update] = []
    private(set) var renames: [Rename] = []
    /// Samples that were left alone because a file of theirs is still being written.
    private(set) var pending = 0

    /// The splits of the catalog's samples by key; empty unless asked for.
    private(set) var knownSplits: [String: String] = [:]

    private let keepsSplits: Bool
    private let required: [String]
    private let isComplete: Bool
    private var open: [ScanFinding]
    private var position = 0

    /// - Parameters:
    ///   - findings: In any order; of two with one key the first counts.
    ///   - required: The modalities of a complete sample.
    ///   - isComplete: Whether what is not among the findings is gone.
    ///   - keepsSplits: Whether `knownSplits` is wanted.
    init(
        findings: [ScanFinding], required: [String], isComplete: Bool, keepsSplits: Bool = false
    ) {
        self.keepsSplits = keepsSplits
        self.required = required
        self.isComplete = isComplete
        var sorted = findings.sorted { Self.precedes($0.key, $1.key) }
        var last: String.UTF8View?
        sorted.removeAll { finding in
            defer { last = finding.key.utf8 }
            return last.map { $0.elementsEqual(finding.key.utf8) } ?? false
        }
        open = sorted
    }

    /// SQLite's order of text: by bytes, not by Unicode's rules.
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// Takes the catalog's next sample; they come in the order of their keys.
    mutating func meet(_ known: Known) {
        if keepsSplits { knownSplits[known.finding.key] = known.finding.split }
        while position < open.count, Self.precedes(open[position].key, known.finding.key) {
            added.append(open[position])
            position += 1
        }
        guard position < open.count, open[position].key.utf8.elementsEqual(known.finding.key.utf8)
        else {
            removed.append(known)
            return
        }
        var finding = open[position]
        position += 1
        if finding.isOpen {
            finding.split = known.finding.split
            finding.isOpen = false
        }
        if !isComplete {
            // A side that was not seen may lie where the scan could not look.
            let seen = finding.files.map(\.modality)
            finding.files += known.finding.files.filter { !seen.contains($0.modality) }
            finding.files.sort { $0.modality < $1.modality }
        }
        if finding.isPending {
            // A file that was only renamed or whose rights changed is whole: no need to wait.
            guard Self.haveEqualContent(finding.files, known.finding.files) else {
                pending += 1
                return
            }
            finding.isPending = false
        }
        let state = SampleState.of(present: finding.files.map(\.modality), required: required)
        let isStale = known.state != state && known.state != SampleState.quarantined
        if finding != known.finding || isStale {
            updates.append(Update(known: known, finding: finding))
        }
    }

    private static func haveEqualContent(
        _ left: [ScanFinding.File], _ right: [ScanFinding.File]
    ) -> Bool {
        left.map(\.modality) == right.map(\.modality)
            && left.map(\.stamp.identity) == right.map(\.stamp.identity)
    }

    /// Takes the end of the catalog's samples, then finds out which removed samples only moved.
    mutating func finish() {
        added += open[position...]
        open = []
        position = 0
        findRenames()
        let settled = added.filter { !$0.isPending }
        pending += added.count - settled.count
        added = settled
    }

    /// Deals those out that are new and still open.
    mutating func dealAdded(_ deal: (inout [ScanFinding]) -> Void) {
        var open = added.filter(\.isOpen)
        added.removeAll(where: \.isOpen)
        deal(&open)
        for index in open.indices { open[index].isOpen = false }
        added += open
    }

    private mutating func findRenames() {
        var origins: [FileIdentity: Int] = [:]
        for (index, known) in removed.enumerated() {
            for file in known.finding.files { origins[file.stamp.identity] = index }
        }
        guard !origins.isEmpty else { return }
        var moved: Set<Int> = []
        added.removeAll { finding in
            let sources = Set(finding.files.map { origins[$0.stamp.identity] })
            guard sources.count == 1, let source = sources.first, let index = source,
                !moved.contains(index),
                removed[index].finding.files.map(\.modality) == finding.files.map(\.modality)
            else { return false }
            moved.insert(index)
            var finding = finding
            if finding.isOpen {
                finding.split = removed[index].finding.split
                finding.isOpen = false
            }
            renames.append(Rename(id: removed[index].id, finding: finding))
            return true
        }
        removed = removed.enumerated().filter { !moved.contains($0.offset) }.map(\.element)
    }
}
