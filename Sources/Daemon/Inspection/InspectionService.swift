import Catalog
import ControlProtocol
import Foundation
import Logging
import Synchronization

/// Has new and changed files looked at, in batches, by short-lived workers.
///
/// A file that cannot be read quarantines its sample; a worker that dies is replaced, and the file
/// that killed it found. What hinders all files alike, such as a missing plugin, is nobody's fault:
/// the data set then waits until something changes. Where files are not there at all it waits for its
/// next scan.
final class InspectionService: Sendable {
    /// Files for one worker.
    static let batch = 256
    /// After so many looks at files that none of them came of, the data set waits for its next scan.
    static let longestStall = 3

    private struct State {
        /// Data sets that wait, and why.
        var hindered: [Int64: Waiting] = [:]
        /// How often files of a data set were looked at in vain, one time after another.
        var stalls: [Int64: Int] = [:]
        /// Who waits for the end of a pass, by a number of their own.
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextNumber = 0
        var hasEnded = false
    }

    private struct Waiting {
        var reason: String
        /// The scan after which it is worth another look; nil: a person has to mend something.
        var generation: Int64?
    }

    private let catalog: Catalog
    private let settings: SettingsHolder
    private let program: WorkerProgram
    private let silence: Duration
    private let logger: Logger
    private let wake: Wake
    private let state = Mutex(State())

    init(
        catalog: Catalog, settings: SettingsHolder, program: WorkerProgram, silence: Duration,
        wake: Wake,
        logger: Logger
    ) {
        self.catalog = catalog
        self.settings = settings
        self.program = program
        self.silence = silence
        self.wake = wake
        self.logger = logger
    }

    /// Inspects whatever turns up until cancelled.
    func run() async {
        let wake = wake
        let token = catalog.listen { _ in wake.ring() }
        defer { catalog.stopListening(token) }
        wake.ring()
        for await _ in wake.rings {
            await pass()
            release()
            if Task.isCancelled { break }
        }
        state.withLock { $0.hasEnded = true }
        release()
    }

    private func release() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume() }
    }

    /// Looks again, also at data sets that had to wait.
    func retry() {
        state.withLock { $0.hindered = [:] }
        wake.ring()
    }

    /// Why data sets wait, for people.
    var hindrances: [Int64: String] { state.withLock { $0.hindered.mapValues(\.reason) } }

    /// Waits until every file of a data set has been looked at, or has to wait for a person.
    func settle(_ dataset: Int64) async {
        while !Task.isCancelled {
            guard state.withLock({ $0.hindered[dataset] == nil && !$0.hasEnded }) else { return }
            guard
                let files = try? await catalog.uninspectedFiles(ofDataset: dataset, limit: 1),
                !files.isEmpty
            else { return }
            await nextPass()
        }
    }

    /// Waits for the end of the pass that is going on, or of the next; a cancelled task waits no
    /// more.
    private func nextPass() async {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayWait = state.withLock { state in
                    guard !state.hasEnded, !Task.isCancelled else { return false }
                    state.waiting[number] = continuation
                    return true
                }
                if mayWait { wake.ring() } else { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }

    // MARK: One pass

    private func pass() async {
        do {
            await forgetSettledHindrances()
            for id in try await catalog.datasetsToInspect() {
                guard state.withLock({ $0.hindered[id] == nil }) else { continue }
                try await inspect(id)
            }
        } catch is CancellationError {
        } catch {
            logger.error("inspection stopped", metadata: ["error": "\(error)"])
        }
    }

    /// Lets go of data sets that were scanned since a file of theirs was not there.
    private func forgetSettledHindrances() async {
        let waiting = state.withLock { $0.hindered.compactMapValues { $0.generation } }
        for (id, generation) in waiting {
            let current: Int64? = try? await catalog.dataset(id: id).generation
            if current != generation { state.withLock { $0.hindered[id] = nil } }
        }
    }

    private func inspect(_ id: Int64) async throws {
        let dataset = try await catalog.dataset(id: id)
        while true {
            try Task.checkCancellation()
            let files = try await catalog.uninspectedFiles(
                ofDataset: id, limit: InspectionService.batch)
            guard !files.isEmpty else { return try await catalog.joinDuplicates(ofDataset: id) }
            let batch = InspectionBatch(
                files: files, root: dataset.root, manifest: dataset.manifest,
                surroundings: settings.current.surroundings)
            let outcome = try await run(batch)
            if let hindrance = outcome.hindrance {
                state.withLock {
                    $0.hindered[id] = Waiting(
                        reason: hindrance.reason,
                        generation: hindrance.endsWithScan ? dataset.generation : nil)
                }
                logger.warning(
                    "files of \(dataset.name) cannot be inspected",
                    metadata: ["reason": "\(hindrance.reason)"])
                return
            }
            // Files that changed meanwhile come back with the next scan; spinning on them helps
            // nobody.
            guard outcome.settled > 0 else { return stalled(dataset, files) }
            state.withLock { $0.stalls[id] = nil }
        }
    }

    /// Notes that a look at files came to nothing; after a few the data set has to wait.
    private func stalled(_ dataset: CatalogDataset, _ files: [UninspectedFile]) {
        let names = files.prefix(3).map(\.path).joined(separator: ", ")
        let reason =
            "\(files.count) files were looked at \(InspectionService.longestStall) times and were others than "
            + "the scan had found each time, such as \(names): something writes them over and over, or their "
            + "file system tells a wrong size"
        let isLast = state.withLock { state in
            state.stalls[dataset.id, default: 0] += 1
            guard state.stalls[dataset.id, default: 0] >= InspectionService.longestStall else {
                return false
            }
            state.stalls[dataset.id] = nil
            state.hindered[dataset.id] = Waiting(reason: reason, generation: dataset.generation)
            return true
        }
        guard isLast else { return }
        logger.warning(
            "files of \(dataset.name) cannot be inspected", metadata: ["reason": "\(reason)"])
    }

    private func run(_ batch: InspectionBatch) async throws -> InspectionOutcome {
        let outcome = InspectionOutcome.Collector()
        var plan = InspectionPlan(batch.items)
        while let items = plan.next() {
            try Task.checkCancellation()
            let answered = try await answers(of: items, in: batch, full: false, to: outcome)
            if outcome.value.hindrance != nil { break }
            let verdict = plan.ended(items, answered: answered.files, crashed: answered.crashed)
            for guilty in verdict.guilty {
                try await quarantineDeadly(guilty)
                outcome.settle()
            }
        }
        return outcome.value
    }

    private func answers(
        of items: [InspectionPlan.Item], in batch: InspectionBatch, full: Bool,
        to outcome: InspectionOutcome.Collector
    ) async throws -> (files: Set<InspectionPlan.FileName>, crashed: Bool) {
        let worker = try Worker(
            .inspect(batch.assignment(items, full: full)), with: program, log: nil,
            silence: silence)
        var files: Set<InspectionPlan.FileName> = []
        var isOrderly = false
        let exit = await worker.run { report in
            switch report {
            case .inspected(let file):
                files.insert(.init(sample: file.id, modality: file.modality))
                await keep(file, batch, outcome)
            case .sampleFailed(let failure):
                files.insert(.init(sample: failure.sample, modality: failure.modality))
                let item = items.first {
                    $0.id == failure.sample && $0.modality == failure.modality
                }
                await keep(failure, path: item?.path, batch, outcome)
            case .finished, .stopped: isOrderly = true
            case .failed(let failure):
                isOrderly = true
                outcome.hinder(failure.message)
            default: break
            }
        }
        try Task.checkCancellation()
        if !isOrderly { logger.warning("an inspection ended early: \(exit.words)") }
        return (files, !isOrderly)
    }

    private func keep(
        _ file: InspectedFile, _ batch: InspectionBatch, _ outcome: InspectionOutcome.Collector
    ) async {
        guard let known = batch.file(sample: file.id, modality: file.modality) else { return }
        let inspection = Inspection(
            digest: file.digest, bytes: file.bytes, width: file.width, height: file.height,
            channels: file.channels, bitDepth: file.bitDepth, warnings: file.warnings)
        do {
            if try await catalog.recordInspection(of: known, inspection) { outcome.settle() }
        } catch {
            outcome.hinder("\(error)")
        }
    }

    private func keep(
        _ failure: SampleFailure, path: String?, _ batch: InspectionBatch,
        _ outcome: InspectionOutcome.Collector
    ) async {
        guard !InspectionOutcome.isHindrance(failure.code) else {
            return outcome.hinder(failure.reason)
        }
        let known = batch.file(sample: failure.sample, modality: failure.modality)
        if failure.code == FilePresence.code, let path,
            let reason = FilePresence.of(path, root: batch.root).reason(path, root: batch.root)
        {
            return outcome.hinder(reason, endsWithScan: true)
        }
        do {
            let isNew = try await catalog.quarantine(
                failure.sample, code: failure.code, reason: failure.reason,
                modality: failure.modality, generation: known?.generation)
            if isNew { outcome.settle() }
        } catch {
            outcome.hinder("\(error)")
        }
    }

    // MARK: Files that kill

    /// Decodes files in full, and gives those that killed two fresh workers.
    func deadly(
        _ items: [InspectionPlan.Item], root: String, manifest: String
    ) async throws -> [InspectionPlan.FileName] {
        let batch = InspectionBatch(
            files: [], root: root, manifest: manifest, surroundings: settings.current.surroundings)
        var guilty: [InspectionPlan.FileName] = []
        for item in items {
            var plan = InspectionPlan([item])
            while let next = plan.next() {
                let answered = try await answers(
                    of: next, in: batch, full: true, to: InspectionOutcome.Collector())
                // One that ends in order but says nothing is no killer.
                guard answered.crashed else { break }
                guilty += plan.ended(next, answered: answered.files, crashed: true).guilty
            }
        }
        return guilty
    }

    func quarantineDeadly(_ file: InspectionPlan.FileName) async throws {
        try await catalog.quarantine(
            file.sample, code: "file.kills_decoder",
            reason: "its \(file.modality) file brought two fresh workers down",
            modality: file.modality)
    }
}
