import ControlProtocol
import Distillation
import Foundation
import Modalities

/// Looks at settled files: header and digest, every pixel where asked.
///
/// Every file gets one report, `inspected` or `sampleFailed`; one bad file never stops the rest.
struct InspectRole {
    let assignment: InspectAssignment
    let channel: WorkerChannel

    init(_ assignment: InspectAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    func run() throws -> WorkerReport {
        let host = PluginHost(folders: assignment.surroundings.pluginFolders)
        let options = try ManifestOptions(manifest: assignment.manifest)
        for item in assignment.items {
            if channel.shouldStop { return .stopped }
            do {
                channel.report(.inspected(try inspect(item, host, options)))
            } catch {
                let failure = FailureReport.of(error)
                channel.report(
                    .sampleFailed(
                        SampleFailure(
                            sample: item.id, modality: item.modality, code: failure.code,
                            reason: failure.message)))
            }
        }
        return .finished(.object(["inspected": .integer(Int64(assignment.items.count))]))
    }

    private func inspect(
        _ item: InspectAssignment.Item, _ host: PluginHost, _ options: ManifestOptions
    ) throws -> InspectedFile {
        let plugin = try host.plugin(modality: item.modality)
        let path =
            item.path.hasPrefix("/") ? item.path : assignment.root + "/" + item.path
        let options = options.options(for: item.modality)
        let header = try plugin.inspect(path: path, options: options, contents: assignment.full)
        if assignment.full { _ = try plugin.decode(path: path, options: options) }
        let content = try FileDigest.read(path)
        return InspectedFile(
            id: item.id, modality: item.modality, digest: content.digest, bytes: content.bytes,
            width: header.width, height: header.height, channels: header.channels,
            bitDepth: header.bitDepth, warnings: header.warnings)
    }
}
