import Configuration
import ControlProtocol
import Distillation
import Foundation
import Modalities

/// Decodes a spread sample of a data set's pairs and says what they look like.
///
/// Files that cannot be read are passed over: inspection quarantines them. Only a plugin that is missing, or options
/// that it refuses, end the survey.
struct SurveyRole {
    /// How far the aspect ratios of a pair may lie apart.
    static let aspectTolerance = 0.03

    let assignment: SurveyAssignment
    let channel: WorkerChannel

    init(_ assignment: SurveyAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    func run() throws -> WorkerReport {
        let host = PluginHost(folders: assignment.surroundings.pluginFolders)
        let manifest = try ManifestOptions(manifest: assignment.manifest)
        var survey = DatasetSurvey(pairs: assignment.pairs.count)
        /// Width and height of each pair's pictures by modality.
        var sizes: [String: [Int: (width: Int, height: Int)]] = [:]
        for modality in Set(assignment.pairs.flatMap(\.keys)).sorted() {
            if channel.shouldStop { return .stopped }
            channel.report(.phase("looking at \(modality)"))
            let plugin = try host.plugin(modality: modality)
            let options = manifest.options(for: modality)
            var found = DatasetSurvey.Modality(modality: modality)
            var headers: [FileHeader] = []
            var readable: [String] = []
            var reasons: [String] = []
            for (index, pair) in assignment.pairs.enumerated() {
                guard let file = pair[modality] else { continue }
                let path = file.hasPrefix("/") ? file : assignment.root + "/" + file
                do {
                    let header = try plugin.inspect(path: path, options: options)
                    headers.append(header)
                    readable.append(path)
                    sizes[modality, default: [:]][index] = (header.width, header.height)
                } catch let error as PluginError where Self.isAboutOptions(error) {
                    throw error
                } catch {
                    found.unreadable += 1
                    reasons.append((error as? PluginError)?.message ?? "\(error)")
                }
            }
            found.reason = DatasetSurvey.Count.of(reasons).first?.what
            found.files = headers.count
            found.formats = DatasetSurvey.Count.of(headers.map(\.format))
            found.sizes = DatasetSurvey.Count.of(headers.map { "\($0.width)x\($0.height)" })
            found.bitDepths = DatasetSurvey.Count.of(headers.map { "\($0.bitDepth)" })
            if !readable.isEmpty,
                let said = try? plugin.survey(
                    paths: Array(readable.prefix(ModalityPlugin.longestSurvey)), options: options)
            {
                found.figures = said.figures.map {
                    DatasetSurvey.Figure(name: $0.name, unit: $0.unit, value: $0.value)
                }
                survey.findings += said.findings.map {
                    DatasetSurvey.Finding(code: $0.code, message: $0.message, hint: $0.hint)
                }
            }
            survey.modalities.append(found)
        }
        if let found = try neighbourDistance(host, manifest) {
            (survey.neighbourDistance, survey.neighbourChange) = (found.distance, found.change)
        }
        compareAspects(sizes, isRegistered: manifest.registered, in: &survey)
        if let camera = manifest.manifest.intrinsics {
            for modality in sizes.keys.sorted() {
                guard
                    try host.plugin(modality: modality).encodings.contains(
                        where: \.takesFocalLength)
                else { continue }
                survey.findings += Self.compare(
                    camera,
                    with: sizes[modality, default: [:]].sorted { $0.key < $1.key }.map(\.value),
                    of: modality)
            }
        }
        return .finished(try JSONValue(encoding: survey))
    }

    /// Whether a camera can have taken pictures: their shape is that of the size that its figures are of.
    private static func compare(
        _ camera: DatasetManifest.Intrinsics, with sizes: [(width: Int, height: Int)],
        of modality: String
    ) -> [DatasetSurvey.Finding] {
        let aspect = Double(camera.width) / Double(camera.height)
        let others = sizes.filter {
            let ratio = Double($0.width) / Double(max(1, $0.height)) / aspect
            return max(ratio, 1 / ratio) > 1 + aspectTolerance
        }
        guard let first = others.first else { return [] }
        return [
            DatasetSurvey.Finding(
                code: "geometry.intrinsics",
                message:
                    "[intrinsics] is of \(camera.width)x\(camera.height) pictures, \(others.count) of "
                    + "\(sizes.count) \(modality) pictures have another shape "
                    + "(\(first.width)x\(first.height)): they are cut or turned, so the focal length is not theirs",
                hint:
                    "give fx, fy, width and height for the pictures as they lie there, or remove [intrinsics]"
            )
        ]
    }

    /// The least of the modalities' distances, as where one sees that frames are alike they are, and the largest of
    /// their changes, as only what no modality sees stands still.
    private func neighbourDistance(_ host: PluginHost, _ manifest: ManifestOptions) throws
        -> (distance: Double, change: Double)?
    {
        guard !assignment.neighbours.isEmpty else { return nil }
        var least: (distance: Double, change: Double)?
        for modality in Set(assignment.neighbours.joined().flatMap(\.keys)).sorted() {
            if channel.shouldStop { return nil }
            let pairs = assignment.neighbours.compactMap { pair -> (String, String)? in
                guard let first = pair.first?[modality], let second = pair.last?[modality] else {
                    return nil
                }
                return (first, second)
            }
            let distance = FrameDistance(
                root: assignment.root, plugin: try host.plugin(modality: modality),
                options: manifest.options(for: modality))
            guard let found = distance.ratio(pairs) else { continue }
            least =
                least.map {
                    (min($0.distance, found.distance), max($0.change, found.change))
                } ?? found
        }
        return least
    }

    private static func isAboutOptions(_ error: PluginError) -> Bool {
        error.code.hasPrefix("option.") || error.code.hasPrefix("plugin.")
    }

    /// Whether pictures of a pair can show the same section of the world.
    private func compareAspects(
        _ sizes: [String: [Int: (width: Int, height: Int)]], isRegistered: Bool,
        in survey: inout DatasetSurvey
    ) {
        let modalities = sizes.keys.sorted()
        guard modalities.count >= 2 else { return }
        var (compared, different) = (0, 0)
        var example: String?
        for index in 0..<assignment.pairs.count {
            let found = modalities.compactMap { modality in
                sizes[modality]?[index].map { (modality, $0.width, $0.height) }
            }
            guard found.count >= 2 else { continue }
            compared += 1
            let aspects = found.map { Double($0.1) / Double(max(1, $0.2)) }
            guard let least = aspects.min(), let most = aspects.max(),
                most > least * (1 + Self.aspectTolerance)
            else { continue }
            different += 1
            let words = found.map { "\($0.0) \($0.1)x\($0.2)" }.joined(separator: ", ")
            example = example ?? words
        }
        guard let example, different > 0 else { return }
        survey.aspectsDiffer = 2 * different > compared
        guard isRegistered else { return }
        let isTurned = survey.modalities.contains { found in
            found.figures.contains { $0.name == "turned" && $0.value > 0 }
        }
        survey.findings.append(
            DatasetSurvey.Finding(
                code: "geometry.aspect",
                message:
                    "width : height differ within \(different) of \(compared) pairs (\(example)): with "
                    + "`registered = true` both are taken to show the same section",
                hint: (isTurned
                    ? "rgb is turned as its EXIF orientation says and the other is not: turn both or neither; "
                    : "crop both to the same section, ")
                    + "or write `registered = false` in dataset.toml"))
    }
}
