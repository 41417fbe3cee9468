import Catalog
import Configuration
import Foundation

/// Looks through a data set's folders and pairs the files it finds. It blocks: call it on a thread
/// that may.
struct DatasetScanner {
    let task: ScanTask
    let clock: SettleClock
    let labels: LabelsCache

    private struct Group {
        var files: [String: ScanFinding.File] = [:]
        var isPending = false
    }

    /// A file that may be one of a modality's, where the pattern leaves its ending open.
    private struct Candidate {
        var path: String
        var key: String
    }

    /// Looks at everything once.
    ///
    /// - Throws: `WatchingError` where the folder is missing or the labels cannot be read: then
    ///   nothing is known; `CancellationError`.
    func scan() throws -> ScanResult {
        guard let root = FileFacts(task.root), root.isFolder else {
            throw Self.missing(task.root)
        }
        let rule = try PairingRules.rule(for: task.manifest, file: task.root)
        _ = task.watch(task.root)
        let rows = try readLabels()

        var result = ScanResult()
        var groups: [String: Group] = [:]
        let places = Dictionary(grouping: task.manifest.modalities, by: \.path)
        for (place, modalities) in places.sorted(by: { $0.key < $1.key }) {
            try walk(place, modalities, rule, &groups, &result)
        }
        if groups.isEmpty, let device = task.knownDevice, device != root.stamp.device {
            throw WatchingError(
                .datasetOffline, "\(task.root) is empty and lies on another device than before",
                hint: "mount its file system again; its samples are kept until then")
        }
        notePairless(groups, &result)
        if let rows, let file = task.manifest.labels?.file {
            result.problems += LabelMatch.problems(rows, keys: Set(groups.keys), file: file)
        }
        let hasGroups = task.manifest.split.group != nil || task.manifest.labels?.group != nil
        let named = rows?.hasSplits == true || hasGroups ? nil : Self.namedSplits(groups.keys)
        result.split = SplitWish(
            rows?.hasSplits == true
                ? .column : hasGroups ? .groups : named != nil ? .named : .automatic,
            test: task.manifest.split.test)
        result.findings = try findings(groups, rows, named)
        return result
    }

    /// The splits of samples that lie in folders which are called train and test, or validation; nil unless all do.
    private static func namedSplits(_ keys: some Collection<String>) -> [String: String]? {
        var splits: [String: String] = [:]
        for key in keys {
            let folders = key.split(separator: "/").dropLast()
            guard
                let split = folders.lazy.compactMap({ DatasetLabels.split(named: String($0)) })
                    .first
            else { return nil }
            splits[key] = split
        }
        let found = Set(splits.values)
        return found.contains("train") && found.count > 1 ? splits : nil
    }

    static func missing(_ root: String) -> WatchingError {
        let failure = SystemFailure("open", root)
        guard !failure.isDenied else {
            return WatchingError(
                .rootNotReadable, failure.description, hint: AccessAdvice.current.hint(toRead: root)
            )
        }
        return WatchingError(
            .rootMissing, "\(root) is not there",
            hint: "mount or restore it; its samples are kept until then")
    }

    // MARK: Labels

    private func readLabels() throws -> DatasetLabels? {
        guard let settings = task.manifest.labels else { return nil }
        let path = FileNames.join(task.root, settings.file)
        _ = task.watch(FileNames.parent(of: path))
        do {
            return try labels.labels(path, settings)
        } catch let error as ConfigurationError {
            throw WatchingError(.labelsInvalid, error.message, hint: error.hint)
        } catch let error as SystemFailure {
            throw WatchingError(
                .labelsInvalid, error.description,
                hint: error.isDenied
                    ? AccessAdvice.current.hint(toRead: task.root)
                    : "restore the file, or remove [labels] from \(DatasetManifest.fileName)")
        }
    }

    // MARK: Folders

    private func walk(
        _ place: String, _ modalities: [DatasetManifest.Modality], _ rule: any PairingRule,
        _ groups: inout [String: Group], _ result: inout ScanResult
    ) throws {
        let base = FileNames.resolve(task.root, place)
        let others = Set(
            task.manifest.modalities.map { FileNames.resolve(task.root, $0.path) })
        // Links come last: what they lead to may be looked through anyway, and they may lead back up.
        var open = [""]
        var links: [String] = []
        var entered: Set<FolderIdentity> = []
        var candidates: [String: [Candidate]] = [:]
        var leftOut: [String: Int] = [:]
        defer {
            for (ending, count) in leftOut { result.leftOut[place, default: [:]][ending] = count }
        }
        while let folder = open.popLast() ?? links.popLast() {
            if task.isStopped() { throw CancellationError() }
            let path = folder.isEmpty ? base : "\(base)/\(folder)"
            if let identity = FolderIdentity(path), !entered.insert(identity).inserted { continue }
            guard let listing = list(path, isBase: folder.isEmpty, modalities, &result) else {
                continue
            }
            // A folder with a manifest of its own is another data set.
            if path != task.root, listing.files.contains(DatasetManifest.fileName) { continue }
            for name in listing.folders.sorted() where !FileNames.isIgnored(name) {
                let inner = FileNames.join(path, name)
                guard !others.contains(inner) else { continue }
                if listing.linkedFolders.contains(name) {
                    links.append(FileNames.join(folder, name))
                } else {
                    open.append(FileNames.join(folder, name))
                }
            }
            for name in listing.files.sorted() where !FileNames.isIgnored(name) {
                let matching = modalities.filter { FileNames.matches(name, $0.pattern) }
                if matching.isEmpty { leftOut[FileNames.ending(name), default: 0] += 1 }
                for modality in matching {
                    guard let key = rule.key(of: name, in: folder, modality: modality) else {
                        continue
                    }
                    if FileNames.leavesEndingOpen(modality.pattern) {
                        candidates[modality.name, default: []].append(
                            Candidate(path: "\(path)/\(name)", key: key))
                    } else {
                        take("\(path)/\(name)", as: modality, key: key, &groups, &result)
                    }
                }
            }
        }
        for modality in modalities {
            // Of two pictures of one sample that in the format of most counts.
            let (pictures, others) = task.formats.sorted(
                candidates[modality.name] ?? [], as: modality.name, by: \.path)
            for file in pictures { take(file.path, as: modality, key: file.key, &groups, &result) }
            for file in others { leftOut[FileNames.ending(file.path), default: 0] += 1 }
        }
    }

    /// Says what else lies beside the pictures, and why none has its partner where that is so.
    private func notePairless(_ groups: [String: Group], _ result: inout ScanResult) {
        let names = task.manifest.modalities.map(\.name)
        for (place, endings) in result.leftOut.sorted(by: { $0.key < $1.key }) {
            let many = endings.filter { $0.value >= 3 }.sorted { $0.key < $1.key }
            guard !many.isEmpty else { continue }
            let list = many.map { "\($0.value) `\($0.key.isEmpty ? "no ending" : $0.key)`" }
            result.note(
                "files.left_out",
                "\(place): files that are no pictures of the data set are left out: "
                    + list.joined(separator: ", "))
        }
        let paired = groups.values.count { $0.files.count == names.count }
        guard names.count > 1, 2 * paired < groups.count || paired == 0 else { return }
        var keys: [String: [String]] = [:]
        for (key, group) in groups where paired == 0 || group.files.count < names.count {
            for name in group.files.keys { keys[name, default: []].append(key) }
        }
        guard paired == 0 else {
            guard keys.count == names.count, keys.values.allSatisfy({ $0.count >= 4 }) else {
                return
            }
            let diagnosis = KeyDiagnosis(keys: keys, manifest: task.manifest)
            result.note(
                "dataset.few_pairs",
                "\(paired) of \(groups.count) samples are pairs: \(diagnosis.message)",
                hint: diagnosis.hint)
            return
        }
        for modality in task.manifest.modalities where keys[modality.name] == nil {
            let others = result.leftOut[modality.path] ?? [:]
            let kinds = others.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let list = kinds.map { "\($0.value) `\($0.key)`" }.joined(separator: ", ")
            let mending = kinds.compactMap {
                FileFormats.conversion(of: $0.key, for: modality.name)
            }
            result.note(
                "dataset.no_pairs",
                "no pair: `\(modality.pattern)` of [\(modality.name)] matches none of the "
                    + "\(others.values.reduce(0, +)) files in \(modality.path)"
                    + (list.isEmpty ? "" : " (\(list))"),
                hint: mending.first.map { "\(modality.name) is not read from such files: \($0)" }
                    ?? "check `path` and `pattern` of [\(modality.name)]")
        }
        guard keys.count == names.count else { return }
        let diagnosis = KeyDiagnosis(keys: keys, manifest: task.manifest)
        result.note("dataset.no_pairs", "no pair: \(diagnosis.message)", hint: diagnosis.hint)
    }

    private func list(
        _ path: String, isBase: Bool, _ modalities: [DatasetManifest.Modality],
        _ result: inout ScanResult
    ) -> FolderListing? {
        if task.watch(path) == .noMoreWatches { result.lacksWatches = true }
        result.folders += 1
        do {
            let listing = try FolderListing(of: path)
            if listing.unreadableNames > 0 {
                result.note(
                    "name.not_utf8",
                    "\(path) holds \(listing.unreadableNames) names that are not UTF-8 text",
                    hint: "rename them; they are left out")
            }
            return listing
        } catch let error as SystemFailure {
            note(error, path, isBase: isBase, modalities, &result)
        } catch {
            result.miss("folder.failed", "\(error)")
        }
        return nil
    }

    private func note(
        _ error: SystemFailure, _ path: String, isBase: Bool,
        _ modalities: [DatasetManifest.Modality], _ result: inout ScanResult
    ) {
        if error.isMissing {
            // One that went away under our eyes is gone; its parent's listing says so next time.
            guard isBase else { return }
            let names = modalities.map(\.name).joined(separator: ", ")
            let hint = "expected the files of \(names) there"
            if modalities.contains(where: { task.knownModalities.contains($0.name) }) {
                result.miss(
                    "folder.missing", "\(path) is not there any more",
                    hint: "\(hint); their samples are kept until it is back")
            } else {
                result.note("folder.missing", "\(path) is not there", hint: hint)
            }
        } else if error.isDenied {
            result.miss(
                WatchingError.Code.rootNotReadable.rawValue, error.description,
                hint: AccessAdvice.current.hint(toRead: path))
        } else {
            result.miss("folder.failed", error.description)
        }
    }

    private func take(
        _ path: String, as modality: DatasetManifest.Modality, key: String,
        _ groups: inout [String: Group], _ result: inout ScanResult
    ) {
        // A file that is gone since the listing was made is simply not there.
        guard let facts = FileFacts(path), facts.isFile else { return }
        let relative = String(path.dropFirst(task.root.count + (task.root == "/" ? 0 : 1)))
        if let other = groups[key]?.files[modality.name] {
            result.note(
                "sample.ambiguous",
                "\(relative) and \(other.path) are both the \(modality.name) file of `\(key)`",
                hint: "\(other.path) counts; rename the other or narrow `pattern`")
            return
        }
        let file = ScanFinding.File(modality: modality.name, path: relative, stamp: facts.stamp)
        groups[key, default: Group()].files[modality.name] = file
        if !clock.hasSettled(path, facts.stamp, settle: task.settle) {
            groups[key]?.isPending = true
        }
    }

    // MARK: Samples

    private func findings(
        _ groups: [String: Group], _ rows: DatasetLabels?, _ named: [String: String]?
    ) throws -> [ScanFinding] {
        let split = task.manifest.split
        let expression = try split.group.map { try GroupExpression($0) }
        return groups.map { key, group in
            let row = rows?.rows[key]
            let scene = row?.group ?? expression?.group(of: key) ?? key
            let hasGroup = row?.group != nil || expression != nil
            let dealt =
                rows?.hasSplits == true
                ? row?.split ?? "train"
                : named?[key] ?? SplitRule.split(ofGroup: scene, testFraction: split.test)
            return ScanFinding(
                key: key, group: scene, split: dealt, label: row?.label,
                attributes: row?.columns ?? [:], files: Array(group.files.values),
                isOpen: rows?.hasSplits != true && !hasGroup && named == nil,
                isPending: group.isPending)
        }
    }
}
