import Batching
import Configuration
import Distillation
import Foundation
import Modalities
import Synthesis

/// A small synthetic data set, the real plugins and a folder for runs, gone with the test.
final class Workbench: Sendable {
    let root: String
    let host: PluginHost
    let samples: [Sample]
    let manifest: ManifestOptions

    init(pairs: Int = 96, size: Int = 32, seed: UInt64 = 7) throws {
        root = NSTemporaryDirectory() + "distilld-run-\(UUID().uuidString)"
        let dataset = root + "/dataset"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        var options = SynthesisOptions(pairs: pairs, size: size, seed: seed)
        options.splits = [.init("train", share: 0.75), .init("test", share: 0.25)]
        _ = try SceneGenerator(options).write(to: URL(fileURLWithPath: dataset))
        host = PluginHost(folders: [try Workbench.assemblePlugins(in: root + "/plugins")])
        let text = try String(contentsOfFile: dataset + "/dataset.toml", encoding: .utf8)
        manifest = try ManifestOptions(manifest: text)
        samples = try Workbench.samples(of: dataset, manifest.manifest)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// A request for a run in a folder of its own; caches are shared by all runs.
    func request(
        _ name: String, recipe: String, teacher: String? = nil,
        checkpoints: [Checkpoint.Written] = []
    ) throws -> RunRequest {
        RunRequest(
            recipe: try Recipe(toml: recipe, file: "\(name).toml"), dataset: "scenes",
            samples: samples, manifest: manifest, teacher: teacher, initial: nil, host: host,
            cacheFolder: root + "/cache", cacheQuota: 1 << 30, runFolder: root + "/runs/" + name,
            threads: 2, checkpoints: checkpoints)
    }

    /// The libraries that the build left beside the test bundle, as folders that the host accepts.
    private static func assemblePlugins(in folder: String) throws -> String {
        let manager = FileManager.default
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        for (name, source) in [("rgb", "RGB"), ("depth", "Depth")] {
            let target = folder + "/" + name
            try manager.createDirectory(
                atPath: target, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
            let library = "libdistill-modality-\(name).so"
            try manager.copyItem(
                atPath: products + "/" + library, toPath: target + "/" + library)
            try manager.copyItem(
                atPath: sources.path + "/Plugins/\(source)/plugin.toml",
                toPath: target + "/plugin.toml")
            for file in try manager.contentsOfDirectory(atPath: target) {
                try manager.setAttributes(
                    [.posixPermissions: 0o644], ofItemAtPath: target + "/" + file)
            }
        }
        try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
        return folder
    }

    /// The folder of the build's products: the test bundle's.
    private static var products: String {
        URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent().path
    }

    private static func samples(
        of folder: String, _ manifest: DatasetManifest
    ) throws -> [Sample] {
        guard let labels = manifest.labels else { return [] }
        let rows = try DatasetLabels(
            csv: String(contentsOfFile: folder + "/" + labels.file, encoding: .utf8),
            file: labels.file, labels: labels
        ).rows
        return try rows.sorted { $0.key < $1.key }.enumerated().map { index, row in
            var files: [String: Sample.File] = [:]
            for modality in manifest.modalities {
                let pattern = modality.pattern.replacingOccurrences(of: "*", with: row.key)
                let path = folder + "/" + modality.path + "/" + pattern
                let digest = try FileDigest.sha256(of: path)
                files[modality.name] = Sample.File(
                    path: path, digest: ContentDigest(hexadecimal: digest)!)
            }
            return Sample(
                id: Int64(index + 1), key: row.key, split: row.value.split ?? "train", files: files,
                label: row.value.label, attributes: [:])
        }
    }
}

/// Remembers what a run told, and asks it to end at a step.
final class RecordingObserver: RunObserver {
    var phases: [String] = []
    var failures: [SampleError] = []
    var checkpoints: [Checkpoint.Written] = []
    var metrics: [String: Double] = [:]
    var lines: [String] = []
    var warnings: [RunWarning] = []
    /// Every report of a phase.
    var progress: [String: [RunProgress]] = [:]
    /// How many times `shouldStop` answers no before it answers yes; nil: always no.
    var patience: Int?
    /// The phase in which it is asked for patience.
    var endingPhase = "training"

    var shouldStop: Bool {
        guard phases.last == endingPhase, let left = patience else { return false }
        patience = left - 1
        return left <= 1
    }

    func entered(phase: String) { phases.append(phase) }
    func progressed(_ progress: RunProgress) {
        self.progress[phases.last ?? "", default: []].append(progress)
    }
    func measured(_ metrics: [String: Double]) { self.metrics.merge(metrics) { $1 } }
    func failed(_ sample: SampleError) { failures.append(sample) }
    func wrote(_ checkpoint: Checkpoint.Written) { checkpoints.insert(checkpoint, at: 0) }
    func warned(_ warning: RunWarning) { warnings.append(warning) }
    func log(_ level: String, _ message: String) { lines.append("\(level): \(message)") }
}
