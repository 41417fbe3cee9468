import Catalog
import ControlProtocol
import Foundation
import NIOHTTP1

/// `/v1/plan` and `/v1/evaluate`: a worker answers while the client waits.
enum WorkRoutes {
    static let plan = Route(.POST, "/v1/plan", needs: .enqueue) { services, request in
        let (recipe, text) = try RecipeReading.read(try await request.json(RecipeBody.self).value)
        try await RecipeReading.check(recipe, services)
        let scratch = services.state.newIncoming("plan")
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let assignment = try await JobPreparation(services: services).plan(
            recipe, text: text, scratch: scratch)
        let plan = try await services.gate.pass {
            try await services.worker.answer(to: .plan(assignment))
        }
        return try .json(PlanReply(plan: plan))
    }

    static let evaluate = Route(.POST, "/v1/evaluate", needs: .enqueue) { services, request in
        let wanted = try await request.json(EvaluateModel.self).value
        let model = try await services.catalog.model(wanted.model)
        let preparation = JobPreparation(services: services)
        let dataset = try await preparation.dataset(wanted.dataset)
        let scratch = services.state.newIncoming("evaluate")
        try FileManager.default.createDirectory(
            atPath: scratch, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let list = SampleListFile(path: "\(scratch)/samples.jsonl")
        try await preparation.freeze(dataset, label: wanted.label, into: list)
        let split = wanted.split ?? "test"
        let assignment = EvaluateAssignment(
            model: ModelReference(name: model.name, folder: model.folder),
            teacher: try await teacher(of: model, services),
            dataset: DatasetReference(
                name: dataset.name, root: dataset.root, manifest: dataset.manifest,
                samples: list.path), split: split,
            surroundings: services.settings.current.surroundings)
        let report = try await services.gate.pass {
            try await services.worker.answer(to: .evaluate(assignment))
        }
        let metrics = try report["metrics"]?.decoded(as: [String: Double?].self) ?? [:]
        return try .json(
            EvaluationReply(
                model: model.name, dataset: dataset.name, split: split,
                metrics: metrics.compactMapValues { $0 }, report: report))
    }

    /// The model's teacher, where the catalog still has it.
    private static func teacher(
        of model: CatalogModel, _ services: DaemonServices
    ) async throws -> ModelReference? {
        guard let name = services.models.summary(of: model).teacher,
            let teacher = try? await services.catalog.model(name)
        else { return nil }
        return ModelReference(name: teacher.name, folder: teacher.folder)
    }
}
