import Catalog
import Configuration
import ControlProtocol
import Foundation
import NIOHTTP1

/// `/v1/plan`, `/v1/evaluate` and `/v1/compare`: a worker answers while the client waits.
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
        return try .json(PlanReply(plan: try await withRemarks(plan, recipe, services)))
    }

    static let evaluate = Route(.POST, "/v1/evaluate", needs: .enqueue) { services, request in
        let wanted = try await request.json(EvaluateModel.self).value
        let model = try await services.catalog.model(wanted.model)
        let teacher = try await teacher(of: model, services)
        let split = wanted.split ?? "test"
        let report = try await measure(
            wanted.dataset, label: wanted.label, scratch: "evaluate", services
        ) { dataset in
            .evaluate(
                EvaluateAssignment(
                    model: reference(model), teacher: teacher, dataset: dataset, split: split,
                    probes: wanted.probes ?? true,
                    surroundings: services.settings.current.surroundings))
        }
        let metrics = try report["metrics"]?.decoded(as: [String: Double?].self) ?? [:]
        return try .json(
            EvaluationReply(
                model: model.name, dataset: wanted.dataset, split: split,
                metrics: metrics.compactMapValues { $0 },
                intervals: try report["intervals"]?.decoded(as: [String: MetricInterval].self)
                    ?? [:],
                leftOut: try report["left_out"]?.decoded(as: [String: String].self) ?? [:],
                report: report))
    }

    static let compare = Route(.POST, "/v1/compare", needs: .enqueue) { services, request in
        let wanted = try await request.json(CompareModels.self).value
        let roles = try await Roles(wanted, services.catalog)
        var entries: [CompareAssignment.Entry] = []
        for model in roles.models {
            let recipe = try await recipe(of: model, services)
            entries.append(
                CompareAssignment.Entry(
                    model: reference(model), teacher: try await teacher(of: model, services),
                    recipe: recipe?.withoutNameAndSeed, seed: recipe?.training.seed))
        }
        let models = entries
        let payload = try await measure(
            wanted.dataset, label: wanted.label, scratch: "compare", services
        ) { dataset in
            .compare(
                CompareAssignment(
                    models: models, baseline: roles.baseline, few: roles.few,
                    oracle: roles.oracle, dataset: dataset, split: wanted.split ?? "test",
                    probes: wanted.probes ?? true,
                    surroundings: services.settings.current.surroundings))
        }
        do {
            return try .json(try payload.decoded(as: ComparisonReply.self))
        } catch is DecodingError {
            throw ControlError(
                "worker.garbled", "the worker's answer is no comparison",
                hint: "are distilld and distill-worker of the same version?")
        }
    }

    /// Adds what is odd about the data set: whoever plans a job need not have seen it.
    private static func withRemarks(
        _ plan: JSONValue, _ recipe: Recipe, _ services: DaemonServices
    ) async throws -> JSONValue {
        guard case .object(var fields) = plan else { return plan }
        let dataset = try await services.catalog.dataset(recipe.dataset.name)
        let remarks = dataset.remarks.filter { !$0.isRemark }
        fields["dataset_warnings"] = .array(
            remarks.map { .string($0.hint.isEmpty ? $0.message : "\($0.message); \($0.hint)") })
        return .object(fields)
    }

    /// Freezes the data set's samples and has a worker do what `assignment` makes of them.
    private static func measure(
        _ name: String, label: String?, scratch kind: String, _ services: DaemonServices,
        _ assignment: (DatasetReference) -> WorkerAssignment
    ) async throws -> JSONValue {
        let preparation = JobPreparation(services: services)
        let dataset = try await preparation.dataset(name)
        let scratch = services.state.newIncoming(kind)
        try FileManager.default.createDirectory(
            atPath: scratch, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let list = SampleListFile(path: "\(scratch)/samples.jsonl")
        try await preparation.freeze(dataset, label: label, into: list)
        let wanted = assignment(
            DatasetReference(
                name: dataset.name, root: dataset.root, manifest: dataset.manifest,
                samples: list.path))
        return try await services.gate.pass { try await services.worker.answer(to: wanted) }
    }

    private static func reference(_ model: CatalogModel) -> ModelReference {
        ModelReference(name: model.name, folder: model.folder)
    }

    /// The model's teacher, where the catalog still has it.
    private static func teacher(
        of model: CatalogModel, _ services: DaemonServices
    ) async throws -> ModelReference? {
        guard let name = services.models.summary(of: model).teacher,
            let teacher = try? await services.catalog.model(name)
        else { return nil }
        return reference(teacher)
    }

    /// The recipe of the job that made a model; nil where none did.
    private static func recipe(
        of model: CatalogModel, _ services: DaemonServices
    ) async throws -> Recipe? {
        guard let id = model.job, let job = try? await services.catalog.job("\(id)") else {
            return nil
        }
        return try? Recipe(toml: job.recipe, file: "recipe")
    }
}

/// Which models a comparison measures, and what part some of them play.
private struct Roles: Sendable {
    /// How many models one comparison takes.
    static let mostModels = 64

    /// Each once: those that are named, then baseline, few labels and oracle.
    let models: [CatalogModel]
    let baseline: String
    let few: String?
    let oracle: String?

    init(_ wanted: CompareModels, _ catalog: Catalog) async throws {
        guard (wanted.few == nil) == (wanted.oracle == nil) else {
            let (named, missing) = wanted.few == nil ? ("oracle", "few") : ("few", "oracle")
            throw ControlError(
                "request.malformed", "`\(named)` is named without `\(missing)`",
                hint: "the gap lies between the two: name both or neither")
        }
        var found: [CatalogModel] = []
        // A model may be named in several ways, so that only the catalog knows which are the same.
        func name(_ reference: String?) async throws -> String? {
            guard let reference else { return nil }
            let model = try await catalog.model(reference)
            if !found.contains(where: { $0.name == model.name }) { found.append(model) }
            return model.name
        }
        guard wanted.models.count <= Roles.mostModels else {
            throw ControlError(
                "request.malformed",
                "\(wanted.models.count) models are more than the \(Roles.mostModels) that one "
                    + "comparison takes")
        }
        for model in wanted.models { _ = try await name(model) }
        let base = try await name(wanted.baseline)
        few = try await name(wanted.few)
        oracle = try await name(wanted.oracle)
        guard found.count > 1, let first = found.first else {
            throw ControlError(
                "request.malformed", "a comparison needs at least two models, found \(found.count)",
                hint: "`distillctl models list` shows them; `distillctl evaluate` measures one")
        }
        guard few == nil || few != oracle else {
            throw ControlError(
                "request.malformed", "few labels and oracle are the same model",
                hint: "name the model of few labels and that of all labels")
        }
        models = found
        baseline = base ?? first.name
    }
}
