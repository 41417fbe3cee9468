package import Catalog
import Configuration
import Foundation
package import Logging
import Synchronization

/// Keeps the catalog true to the folders: watches them, finds new data sets, looks through what changed
/// once it has settled, and everything once an hour.
///
/// Nothing is decoded here: files that are new or have changed are left in the catalog as not
/// inspected, and `onChange` says so.
///
/// ```swift
/// let service = try WatchService(catalog: catalog, settings: settings, logger: logger) { id, summary in
///     inspector.wake(dataset: id)
/// }
/// try await service.start()
/// ```
package actor WatchService {
    /// A data set as the service keeps an eye on it.
    struct Watched {
        var root: String
        /// When it is to be looked through next because of a change.
        var due: ContinuousClock.Instant?
        /// When it is to be looked through next in any case.
        var nextFull: ContinuousClock.Instant
        /// No scan begins before: big folders that change all the time are not scanned all the time.
        var notBefore: ContinuousClock.Instant

        /// Has it looked through at `instant`, unless it is earlier anyway.
        mutating func schedule(at instant: ContinuousClock.Instant) {
            due = min(due ?? instant, instant)
        }
    }

    let catalog: Catalog
    var settings: WatchSettings
    let logger: Logger
    let monitor: InotifyMonitor
    let settleClock = SettleClock()
    let labels = LabelsCache()
    let manifests: ManifestCache
    let flags = ServiceFlags()
    let onChange: @Sendable (Int64, ScanSummary) -> Void
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private var loop: Task<Void, Never>?

    var watched: [Int64: Watched] = [:]
    var scans: [Int64: Task<ScanSummary, any Error>] = [:]
    var discoveryDue: ContinuousClock.Instant?
    var discoveryNotBefore = ContinuousClock.now
    var isDiscovering = false
    var discoveryProblems: [String: CatalogProblem] = [:]

    /// Makes a service that does nothing yet.
    ///
    /// - Parameter onChange: Called after every completed scan with the data set's id; it must not block.
    /// - Throws: `WatchingError` where inotify cannot be had.
    package init(
        catalog: Catalog, settings: WatchSettings, logger: Logger,
        onChange: @escaping @Sendable (Int64, ScanSummary) -> Void
    ) throws {
        let (signals, signal) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        monitor = try InotifyMonitor(
            interval: settings.tick, special: [DatasetManifest.fileName],
            limit: settings.maximumWatches, signal: { signal.yield() })
        self.catalog = catalog
        self.settings = settings
        manifests = ManifestCache(formats: settings.formats)
        self.logger = logger
        self.onChange = onChange
        self.signals = signals
        self.signal = signal
    }

    /// When the service last went round: for the watchdog.
    package nonisolated var lastTick: ContinuousClock.Instant { flags.lastTick }

    /// Folders that look like data sets but are none, with the reason.
    package var problems: [CatalogProblem] {
        discoveryProblems.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Takes up every data set of the catalog, looks for new ones and begins to watch. The first scans
    /// go on after it has returned.
    package func start() async throws {
        precondition(loop == nil, "a watch service is started once")
        for dataset in try await catalog.datasets() { take(dataset, scanAt: .now) }
        discoveryDue = .now
        monitor.start()
        loop = Task { await run() }
        signal.yield()
    }

    /// Ends watching and waits until nothing runs any more.
    package func stop() async {
        guard !flags.isStopped else { return }
        flags.stop()
        signal.finish()
        if let loop {
            let monitor = monitor
            _ = try? await Blocking.run { monitor.stop() }
            await loop.value
        }
        for scan in scans.values { _ = await scan.result }
    }

    /// Replaces the folders below which data sets are found, as after a reload.
    package func setRoots(_ roots: [String]) {
        settings.roots = roots
        discoveryDue = .now
        signal.yield()
    }

    /// Has a data set looked through soon, without waiting for it; one that is not watched is left be.
    ///
    /// - Parameter reference: Its name or id.
    package func scanSoon(_ reference: String) async {
        guard let dataset = try? await catalog.dataset(reference) else { return }
        watched[dataset.id]?.schedule(at: .now)
        signal.yield()
    }

    // MARK: The loop

    private func run() async {
        await withDiscardingTaskGroup { group in
            for await _ in signals {
                if flags.isStopped { return }
                for id in step() {
                    group.addTask { await self.scanQuietly(id) }
                }
                if isDiscoveryDue() {
                    isDiscovering = true
                    group.addTask { await self.discover() }
                }
            }
        }
    }

    /// Takes in what inotify said; returns the data sets to look through now.
    private func step() -> [Int64] {
        let now = ContinuousClock.now
        flags.tick()
        let changes = monitor.takeChanges()
        let settled = now + .milliseconds(settings.settle)
        if changes.overflowed {
            logger.notice("inotify lost events: looking through every data set")
        }
        if changes.structure || changes.overflowed { discoveryDue = now }
        for (id, entry) in watched {
            let isTouched =
                changes.overflowed
                || changes.folders.contains { FileNames.lies($0, within: entry.root) }
            if isTouched { watched[id]?.schedule(at: settled) }
            if entry.nextFull <= now { watched[id]?.due = now }
        }
        return watched.filter { id, entry in
            guard let due = entry.due, scans[id] == nil else { return false }
            return due <= now && entry.notBefore <= now
        }.map { id, _ in
            watched[id]?.due = nil
            return id
        }
    }

    private func isDiscoveryDue() -> Bool {
        guard let due = discoveryDue, !isDiscovering else { return false }
        return due <= .now && discoveryNotBefore <= .now
    }

    /// Begins to keep an eye on a data set.
    func take(_ dataset: CatalogDataset, scanAt due: ContinuousClock.Instant?) {
        guard watched[dataset.id] == nil else {
            if let due { watched[dataset.id]?.due = due }
            return
        }
        watched[dataset.id] = Watched(
            root: dataset.root, due: due, nextFull: nextFullScan(), notBefore: .now)
    }

    func nextFullScan() -> ContinuousClock.Instant {
        .now + settings.rescanInterval * (1 + Double.random(in: 0...0.1))
    }
}

/// What other threads may ask of the service without waiting for it.
final class ServiceFlags: Sendable {
    private let state = Mutex((tick: ContinuousClock.now, isStopped: false))

    var lastTick: ContinuousClock.Instant { state.withLock { $0.tick } }
    var isStopped: Bool { state.withLock { $0.isStopped } }
    func tick() { state.withLock { $0.tick = .now } }
    func stop() { state.withLock { $0.isStopped = true } }
}
