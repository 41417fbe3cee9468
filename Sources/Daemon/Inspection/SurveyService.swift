import Catalog
import Configuration
import ControlProtocol
import Digests
import Foundation
import Logging

/// Has a spread sample of each data set's pairs decoded, so that what cannot be what it is said to be is seen at once.
///
/// A survey is made once a data set has pairs, and again when its manifest has changed or its pairs have doubled or
/// halved. What it finds stays with the data set.
actor SurveyService {
    /// What a survey was made of.
    private struct Subject: Codable, Equatable {
        var manifest: String
        var pairs: Int
        /// Held frames, and those beside training frames, where they are many enough to be told.
        var held: Int?, beside: Int?

        init(_ dataset: CatalogDataset, pairs: Int, _ neighbours: SplitNeighbours? = nil) {
            manifest = SHA256.hexadecimal(of: dataset.manifest)
            self.pairs = pairs
            guard let neighbours, neighbours.isNotable else { return }
            (held, beside) = (neighbours.held, neighbours.beside)
        }

        var key: String {
            (try? ControlJSON.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }

        /// Whether a survey of `earlier` still tells how things are.
        func isLike(_ earlier: String?) -> Bool {
            guard let earlier,
                let known = try? ControlJSON.decode(Subject.self, from: Data(earlier.utf8))
            else { return false }
            return known.manifest == manifest && pairs < 2 * known.pairs && known.pairs < 2 * pairs
                && known.held == held && known.beside == beside
        }
    }

    private let catalog: Catalog
    private let settings: SettingsHolder
    private let worker: WorkerRun
    private let logger: Logger
    private let wake = Wake()
    private var running: [Int64: Task<Void, Never>] = [:]
    /// The generation of each data set that was looked at last: counting is dear.
    private var seen: [Int64: Int64] = [:]

    init(catalog: Catalog, settings: SettingsHolder, worker: WorkerRun, logger: Logger) {
        self.catalog = catalog
        self.settings = settings
        self.worker = worker
        self.logger = logger
    }

    /// Surveys whatever turns up until cancelled.
    func run() async {
        let wake = wake
        let token = catalog.listen { _ in wake.ring() }
        defer { catalog.stopListening(token) }
        wake.ring()
        await withTaskCancellationHandler {
            await attend(wake)
        } onCancel: {
            Task { await self.stop() }
        }
    }

    private func attend(_ wake: Wake) async {
        for await _ in wake.rings {
            for dataset in (try? await catalog.datasets()) ?? [] {
                guard !Task.isCancelled else { return }
                await settle(dataset.id)
            }
        }
    }

    /// Waits until the data set has a survey that fits it.
    ///
    /// - Parameter anew: Whether one is made in any case.
    func settle(_ id: Int64, anew: Bool = false) async {
        while let running = running[id] {
            await running.value
            if !anew { return }
        }
        guard let dataset = try? await catalog.dataset(id: id), dataset.state == .online,
            dataset.scanned != nil, anew || seen[id] != dataset.generation
        else { return }
        // Another may have begun while the catalog was asked.
        if let running = running[id] {
            await running.value
            if !anew { return }
        }
        guard running[id] == nil else { return await settle(id, anew: anew) }
        let task = Task {
            await make(of: dataset, anew: anew)
            running[id] = nil
        }
        running[id] = task
        await task.value
    }

    /// Ends what is under way: nobody waits for a survey while the daemon stops.
    private func stop() {
        for task in running.values { task.cancel() }
    }

    private func make(of dataset: CatalogDataset, anew: Bool) async {
        do {
            let pairs = try await catalog.counts(ofDataset: dataset.id).paired
            seen[dataset.id] = dataset.generation
            guard pairs > 0 else { return }
            let neighbours = try await catalog.splitNeighbours(ofDataset: dataset.id) {
                DatasetLabels.split(named: String($0)) != nil
            }
            let subject = Subject(dataset, pairs: pairs, neighbours)
            guard anew || !subject.isLike(dataset.surveyed) else { return }
            let files = try await catalog.pairsForSurvey(ofDataset: dataset.id)
            let answer = try await worker.answer(
                to: .survey(
                    SurveyAssignment(
                        root: dataset.root, manifest: dataset.manifest, pairs: files,
                        neighbours: neighbours.isNotable
                            ? neighbours.examples.map { [$0.held, $0.learned] } : [],
                        surroundings: settings.current.surroundings)))
            try await keep(
                answer.decoded(as: DatasetSurvey.self), of: dataset, subject, neighbours)
        } catch is CancellationError {
        } catch {
            let message = (error as? ControlError)?.message ?? "\(error)"
            logger.warning("\(dataset.name) cannot be surveyed", metadata: ["reason": "\(message)"])
            // Of no pairs: the next look at the data set tries again.
            try? await catalog.recordSurvey(
                dataset.survey,
                findings: [
                    CatalogProblem(
                        code: "survey.failed",
                        message: "no sample of its files could be looked at: \(message)",
                        hint: "mend it, then `distillctl datasets rescan \(dataset.name)`")
                ], key: Subject(dataset, pairs: 0).key, ofDataset: dataset.id)
        }
    }

    private func keep(
        _ survey: DatasetSurvey, of dataset: CatalogDataset, _ subject: Subject,
        _ neighbours: SplitNeighbours
    ) async throws {
        var (dataset, subject) = (dataset, subject)
        var findings = survey.findings.map {
            CatalogProblem(code: $0.code, message: $0.message, hint: $0.hint)
        }
        if let distance = survey.neighbourDistance, let change = survey.neighbourChange,
            distance < Self.alike || change < Self.still
        {
            let why =
                distance < Self.alike
                ? "they differ by \(Self.percent(distance)) of what others do"
                : "all frames differ by \(Self.percent(change)) of their values only"
            findings.append(Self.finding(neighbours, why, in: dataset.name))
        }
        if let changed = try await assume(registered: !survey.aspectsDiffer, dataset),
            survey.aspectsDiffer
        {
            dataset.manifest = changed
            subject.manifest = Subject(dataset, pairs: 0).manifest
            let known = findings.first { $0.code == "geometry.aspect" }
            findings.removeAll { $0.code == "geometry.aspect" }
            findings.append(
                CatalogProblem(
                    code: "geometry.not_registered",
                    message:
                        "width : height differ within pairs, so that they are not taken to show the same section "
                        + "(`registered = false`): features are compared by means over positions",
                    hint: known?.hint.replacing(
                        "or write `registered = false` in dataset.toml",
                        with: "then say `registered = true` in dataset.toml") ?? "")
            )
        }
        let json = String(decoding: try ControlJSON.encode(survey), as: UTF8.self)
        try await catalog.recordSurvey(
            json, findings: findings, key: subject.key, ofDataset: dataset.id)
    }

    /// Frames that differ by less than this part of what others do are of one recording: a Kinect's differ by .04 of
    /// it, 200 synthetic scenes, numbered and independent, by .90 to 1.05 over three seeds.
    private static let alike = 0.5
    /// Frames that change by less than this part of their values show one scene, whatever others do: a camera that stands
    /// still gives frames that are as alike as neighbours.
    private static let still = 0.05

    private static func percent(_ part: Double) -> String { "\(Int((100 * part).rounded())) %" }

    private static func finding(
        _ neighbours: SplitNeighbours, _ why: String, in name: String
    ) -> CatalogProblem {
        CatalogProblem(
            code: "split.neighbours",
            message:
                "\(neighbours.beside) of \(neighbours.held) test and validation frames stand right beside a training "
                + "frame and look like it (\(why)): a recording is in both, so that their figures flatter",
            hint:
                "give whole recordings, or blocks of frames with some between them marked `guard`, one split in the labels "
                + "file; or remove `split` from [labels] in dataset.toml and let `distillctl datasets rescan \(name) "
                + "--split` deal them")
    }

    /// Takes pairs for registered or not where nobody has said it; the manifest as it is then, nil where one says it.
    private func assume(
        registered: Bool, _ dataset: CatalogDataset
    ) async throws -> String? {
        let file = "\(dataset.root)/\(DatasetManifest.fileName)"
        guard !FileManager.default.fileExists(atPath: file) else { return nil }
        var manifest = try DatasetManifest(
            toml: dataset.manifest, file: DatasetManifest.fileName)
        if manifest.registered != registered {
            manifest.registered = registered
            try await catalog.setManifest(
                manifest.toml, layout: dataset.layout, modalities: dataset.modalities,
                ofDataset: dataset.id, reinspects: false)
        }
        return manifest.toml
    }
}
