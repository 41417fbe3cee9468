import CLinux
package import Catalog
import Configuration
import Logging

extension WatchService {
    /// Looks through a data set and answers once every file that was there at the call counts.
    ///
    /// Files that are still being written are waited for, within `WatchSettings.patience`.
    /// - Parameter reference: Its name or id.
    /// - Throws: `CatalogError`, `WatchingError`.
    package func rescan(_ reference: String) async throws -> ScanSummary {
        if flags.isStopped { throw stopped }
        monitor.drain()
        let dataset = try await catalog.dataset(reference)
        take(dataset, scanAt: nil)
        return try await settledScan(dataset.id)
    }

    var stopped: WatchingError { WatchingError(.stopped, "the service is stopping") }

    /// Scans until nothing is pending or the patience ends.
    func settledScan(_ id: Int64) async throws -> ScanSummary {
        let deadline = ContinuousClock.now + settings.patience
        var total = ScanSummary()
        while true {
            total.add(try await scan(id))
            guard total.pending > 0, ContinuousClock.now < deadline else { return total }
            try await Task.sleep(for: .milliseconds(max(20, settings.settle / 4)))
        }
    }

    /// Scans because something changed; failures are kept with the data set.
    func scanQuietly(_ id: Int64) async {
        do {
            _ = try await scan(id)
        } catch is CancellationError {
            return
        } catch {
            logger.warning("data set \(id): \(error)")
        }
    }

    /// One scan; scans of one data set follow one another.
    func scan(_ id: Int64) async throws -> ScanSummary {
        while let running = scans[id] { _ = await running.result }
        if flags.isStopped { throw stopped }
        let task = Task {
            // Cleared before the task ends, so that whoever waits for it finds the place free.
            defer { scans[id] = nil }
            return try await perform(id)
        }
        scans[id] = task
        return try await task.value
    }

    private func perform(_ id: Int64) async throws -> ScanSummary {
        let began = ContinuousClock.now
        var dataset: CatalogDataset
        do {
            dataset = try await catalog.dataset(id: id)
        } catch let error as CatalogError where error.code == .notFound {
            watched[id] = nil
            throw error
        }
        watched[id]?.nextFull = nextFullScan()
        do {
            let (manifest, manifestProblem) = try await currentManifest(of: &dataset)
            let result = try await look(at: dataset, manifest)
            let polls = result.lacksWatches || needsPolling(dataset.root)
            var problems = result.problems
            if let manifestProblem { problems.append(manifestProblem) }
            if let assumption = Self.assumption(manifest) { problems.append(assumption) }
            if result.lacksWatches {
                problems.append(
                    WatchLimit.problem(
                        needed: result.folders + 1,
                        seconds: Int(settings.pollInterval.components.seconds)))
            }
            let summary = try await catalog.applyScan(
                ofDataset: id, findings: result.findings, isComplete: result.isComplete,
                problems: problems, split: result.split)
            // Incomplete scans are tried again: what hid files may tell nobody when it goes.
            let again = polls || !result.isComplete
            schedule(id, began: began, pending: summary.pending > 0, polls: again)
            clinux_return_memory()
            onChange(id, summary)
            return summary
        } catch let error as WatchingError {
            let isGone = error.code == .rootMissing || error.code == .datasetOffline
            try await catalog.setState(
                isGone ? .offline : .online,
                problems: [
                    CatalogProblem(
                        code: error.code.rawValue, message: error.message, hint: error.hint)
                ], ofDataset: id)
            schedule(id, began: began, pending: false, polls: true)
            throw error
        } catch {
            schedule(id, began: began, pending: false, polls: true)
            throw error
        }
    }

    /// Sets when the next scan may begin and has to.
    private func schedule(
        _ id: Int64, began: ContinuousClock.Instant, pending: Bool, polls: Bool
    ) {
        let now = ContinuousClock.now
        guard var entry = watched[id] else { return }
        // A scan may take a sixth of the time, however long it takes.
        entry.notBefore = now + began.duration(to: now) * 5
        if pending { entry.schedule(at: now + .milliseconds(settings.settle)) }
        if polls { entry.schedule(at: now + settings.pollInterval) }
        watched[id] = entry
        settleClock.forget(olderThan: .seconds(600))
    }

    private func needsPolling(_ root: String) -> Bool {
        clinux_filesystem_needs_polling(clinux_filesystem_magic(root)) != 0
    }

    /// The manifest as the folder has it now, kept in the catalog; the catalog's own where the folder
    /// has none or a broken one.
    private func currentManifest(
        of dataset: inout CatalogDataset
    ) async throws -> (DatasetManifest, CatalogProblem?) {
        let root = dataset.root
        var problem: CatalogProblem?
        guard FileFacts(root)?.isFolder == true else { throw DatasetScanner.missing(root) }
        if let text = try await Blocking.run({ try FolderInspector.manifestText(in: root) }) {
            do {
                let manifest = try manifests.manifest(text, root: root)
                if text != dataset.manifest {
                    let before = try? manifests.manifest(dataset.manifest, root: root)
                    try await catalog.setManifest(
                        text, layout: manifest.layout, modalities: manifest.modalities.map(\.name),
                        ofDataset: dataset.id,
                        reinspects: before?.modalities != manifest.modalities)
                    dataset.manifest = text
                }
                return (manifest, nil)
            } catch let error as WatchingError {
                problem = CatalogProblem(
                    code: error.code.rawValue, message: error.message,
                    hint: "the manifest as it was before stays in force; \(error.hint)")
            }
        } else if dataset.origin == .discovered {
            throw WatchingError(
                .datasetOffline, "\(root) has no \(DatasetManifest.fileName) any more",
                hint: "restore it, or `distillctl datasets remove \(dataset.name)`")
        }
        let manifest = try manifests.manifest(dataset.manifest, root: root)
        return (manifest, problem)
    }

    /// What is assumed of depth where no dataset.toml says it.
    private static func assumption(_ manifest: DatasetManifest) -> CatalogProblem? {
        guard let depth = manifest.modality("depth"), depth.options["scale"] == nil else {
            return nil
        }
        return CatalogProblem(
            code: "depth.scale_assumed",
            message:
                "no \(DatasetManifest.fileName) says what a unit of depth is: whole numbers are taken for "
                + "millimetres, floating-point numbers for metres",
            hint:
                "write a \(DatasetManifest.fileName) with `unit = \"mm\"`, `scale`, `units_per_metre` or `preset` under "
                + "[depth], even if that is right")
    }

    private func look(
        at dataset: CatalogDataset, _ manifest: DatasetManifest
    ) async throws -> ScanResult {
        let counts = try await catalog.fileCounts(ofDataset: dataset.id)
        let task = ScanTask(
            root: dataset.root, manifest: manifest, formats: settings.formats,
            settle: settings.settle,
            knownModalities: Set(counts.keys),
            knownDevice: try await catalog.fileDevice(ofDataset: dataset.id),
            watch: { [monitor] in monitor.watch($0) },
            isStopped: { [flags] in flags.isStopped })
        let scanner = DatasetScanner(task: task, clock: settleClock, labels: labels)
        return try await Blocking.run { try scanner.scan() }
    }
}

extension ScanSummary {
    /// Adds what a later scan of the same data set changed.
    mutating func add(_ later: ScanSummary) {
        added += later.added
        removed += later.removed
        renamed += later.renamed
        changed += later.changed
        pending = later.pending
        counts = later.counts
    }
}
