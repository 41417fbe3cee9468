import Batching
import Configuration
package import ControlProtocol
package import Distillation
import Execution
import Foundation
import Modalities

/// Trains or distils and reports the finished model.
package struct TrainRole {
    let assignment: TrainAssignment
    let channel: WorkerChannel

    init(_ assignment: TrainAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    func run() throws -> WorkerReport {
        let request = try TrainRole.request(assignment)
        switch try TrainingRun(request, observer: ChannelObserver(channel)).run() {
        case .stopped:
            return .stopped
        case .finished(let folder, let document):
            return .finished(
                .object(["model": try JSONValue(encoding: document.summary(folder: folder))]))
        }
    }

    /// What the assignment says, read and checked.
    package static func request(_ assignment: TrainAssignment) throws -> RunRequest {
        let recipe = try Recipe(toml: assignment.recipe, file: "recipe")
        let options = try ManifestOptions(manifest: assignment.dataset.manifest)
        let samples = try SampleList.read(
            assignment.dataset, label: recipe.dataset.label, attributes: options.attributes)
        let surroundings = assignment.surroundings
        let threads =
            recipe.training.threads > 0
            ? recipe.training.threads
            : surroundings.threads > 0 ? surroundings.threads : Processor.cores
        return RunRequest(
            recipe: recipe, dataset: assignment.dataset.name, samples: samples, manifest: options,
            teacher: assignment.teacher?.folder, initial: assignment.initial?.folder,
            host: PluginHost(folders: surroundings.pluginFolders),
            cacheFolder: surroundings.cacheFolder, cacheQuota: surroundings.cacheQuota,
            runFolder: assignment.runFolder, threads: threads,
            checkpoints: assignment.checkpoints.map {
                Checkpoint.Written(step: $0.step, path: $0.path, sha256: $0.sha256)
            })
    }
}
