import Catalog
import Configuration
import ControlProtocol
import Foundation

/// Turns a recipe into what a worker is told, and freezes the sample list and the manifest at a job's
/// first start.
struct JobPreparation: Sendable {
    let services: DaemonServices

    /// The assignment of a claimed job, nil where it is not ours any more.
    ///
    /// - Throws: `ControlError` and `CatalogError` for what the recipe names and is not there.
    func assignment(for job: CatalogJob) async throws -> TrainAssignment? {
        let recipe = try Recipe(toml: job.recipe, file: "recipe.toml")
        var dataset = try await dataset(recipe.dataset.name)
        let name = JobName.text(job.id)
        let folder = services.state.run(name)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let list = SampleListFile(path: "\(folder)/samples.jsonl")
        let manifest = RunManifest(runFolder: folder)
        if !list.exists {
            guard await settle(dataset, for: job) else { return nil }
            // As it is now: the manifest may have changed while files were looked at.
            dataset = try await self.dataset(recipe.dataset.name)
            try manifest.write(dataset.manifest)
            // What was held out of one job must not be learned from by the next.
            try await services.catalog.joinDuplicates(ofDataset: dataset.id)
            try await services.catalog.fixSplit(ofDataset: dataset.id)
            try await freeze(dataset, recipe, into: list)
        } else if !manifest.exists {
            try manifest.write(dataset.manifest)
        }
        dataset.manifest = try manifest.text()
        let surroundings = services.settings.current.surroundings
        let run = try await services.catalog.beginRun(
            job: job.id, epoch: job.epoch, folder: folder, samples: list.path,
            threads: surroundings.threads)
        guard let run else { return nil }
        let checkpoints = try await services.catalog.checkpoints(ofJob: job.id).map {
            CheckpointReference(step: $0.step, path: $0.path, sha256: $0.sha256)
        }
        var assignment = try await resolve(recipe, job.recipe, dataset, samples: run.samples)
        assignment.job = name
        assignment.runFolder = run.folder
        assignment.checkpoints = checkpoints
        assignment.surroundings.threads = run.threads
        return assignment
    }

    /// Waits for fresh files to be looked at; false: the job was asked to stop meanwhile.
    private func settle(_ dataset: CatalogDataset, for job: CatalogJob) async -> Bool {
        await withTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                await services.inspection.settle(dataset.id)
                return true
            }
            tasks.addTask {
                while !Task.isCancelled, !services.jobs.isStopping(job.id) {
                    try? await Task.sleep(for: .milliseconds(200))
                }
                return false
            }
            let isSettled = await tasks.next() ?? false
            tasks.cancelAll()
            return isSettled
        }
    }

    /// An assignment without a job, for `plan`; the caller owns the list's file.
    func plan(_ recipe: Recipe, text: String, scratch: String) async throws -> TrainAssignment {
        let dataset = try await dataset(recipe.dataset.name)
        try FileManager.default.createDirectory(
            atPath: scratch, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let list = SampleListFile(path: "\(scratch)/samples.jsonl")
        try await freeze(dataset, recipe, into: list)
        var assignment = try await resolve(recipe, text, dataset, samples: list.path)
        assignment.runFolder = scratch
        return assignment
    }

    /// The complete and inspected samples of a data set as a list on disk.
    func freeze(
        _ dataset: CatalogDataset, label: String?, into list: SampleListFile
    ) async throws {
        await services.inspection.settle(dataset.id)
        let samples = try await services.catalog.frozenSamples(ofDataset: dataset.id, label: label)
        guard !samples.isEmpty else { throw try await empty(dataset) }
        try list.write(samples)
    }

    func dataset(_ name: String) async throws -> CatalogDataset {
        let dataset = try await services.catalog.dataset(name)
        guard dataset.state == .online else {
            throw ControlError(
                "dataset.offline",
                "the data set `\(dataset.name)` is offline: \(dataset.root) cannot be read",
                hint: dataset.problems.first?.hint ?? "mount it, then `distillctl resume` the job")
        }
        return dataset
    }

    private func freeze(
        _ dataset: CatalogDataset, _ recipe: Recipe, into list: SampleListFile
    ) async throws {
        try await freeze(dataset, label: recipe.dataset.label, into: list)
    }

    private func resolve(
        _ recipe: Recipe, _ text: String, _ dataset: CatalogDataset, samples: String
    ) async throws -> TrainAssignment {
        let teacher: ModelReference? =
            if let teacher = recipe.teacher { try await model(teacher.model) } else { nil }
        let initial: ModelReference? =
            switch recipe.student.initialise {
            case .random: nil
            case .teacher: teacher
            case .model(let name): try await model(name)
            }
        return TrainAssignment(
            job: "", runFolder: "", recipe: text,
            dataset: DatasetReference(
                name: dataset.name, root: dataset.root, manifest: dataset.manifest,
                samples: samples), teacher: teacher, initial: initial, checkpoints: [],
            surroundings: services.settings.current.surroundings)
    }

    private func model(_ name: String) async throws -> ModelReference {
        let model = try await services.catalog.model(name)
        return ModelReference(name: model.name, folder: model.folder)
    }

    private func empty(_ dataset: CatalogDataset) async throws -> ControlError {
        let counts = try await services.catalog.counts(ofDataset: dataset.id)
        let states = counts.states.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        if let hindrance = services.inspection.hindrances[dataset.id] {
            return ControlError(
                "dataset.empty",
                "no pair of the data set `\(dataset.name)` could be looked into: \(hindrance)",
                hint: "mend that, then `distillctl datasets rescan \(dataset.name)`")
        }
        if counts.states["paired", default: 0] > 0 {
            // Files pair by their names; whether they can be read is for a plugin to say.
            return ControlError(
                "dataset.empty",
                "no pair of the data set `\(dataset.name)` could be looked into: "
                    + states.joined(separator: ", "),
                hint: "`distillctl plugins list` shows which modalities can be read, "
                    + "`distillctl datasets show \(dataset.name)` which the data set has")
        }
        return ControlError(
            "dataset.empty",
            "the data set `\(dataset.name)` has no readable pair: "
                + (states.isEmpty ? "it is empty" : states.joined(separator: ", ")),
            hint: "`distillctl datasets show \(dataset.name)` and "
                + "`distillctl samples list --dataset \(dataset.name)` say why")
    }
}
