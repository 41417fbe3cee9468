import Catalog
import ControlProtocol
import NIOHTTP1

/// `/v1/samples` and below.
enum SampleRoutes {
    static let list = Route(.GET, "/v1/samples", needs: .read) { services, request in
        guard let name = request.query["dataset"], !name.isEmpty else {
            throw ControlError(
                "request.malformed", "`dataset` is missing", hint: "/v1/samples?dataset=NAME")
        }
        let dataset = try await services.catalog.dataset(name)
        let limit = try request.integer("limit") ?? 100
        let page = try await services.catalog.samples(
            ofDataset: dataset.id,
            filter: SampleFilter(
                state: request.query["state"], split: request.query["split"],
                label: request.query["label"], key: request.query["key"]),
            after: request.query["after"], limit: Int(min(max(limit, 1), 1_000)))
        let presentation = DatasetPresentation(services)
        return try .json(
            SamplesReply(
                samples: page.samples.map { presentation.summary(of: $0, dataset: dataset.name) },
                next: page.next))
    }

    static let show = Route(.GET, "/v1/samples/{id}", needs: .read) { services, request in
        let text = request.parameter("id")
        guard let id = Int64(text) else {
            throw ControlError(
                "request.malformed", "`\(text)` is not a sample's number",
                hint: "`distillctl samples list --dataset NAME` shows them")
        }
        let sample = try await services.catalog.sample(id)
        let dataset = try await services.catalog.dataset(id: sample.dataset)
        return try .json(
            SampleReply(
                sample: DatasetPresentation(services).summary(of: sample, dataset: dataset.name)))
    }

    static let retry = Route(.POST, "/v1/samples/retry", needs: .administer) {
        services, request in
        let ids = try await request.json(RetrySamples.self).value.ids
        let retried = try await services.catalog.retry(samples: ids).map(\.id)
        services.inspection.retry()
        return try .json(
            RetriedReply(retried: retried, skipped: ids.filter { !retried.contains($0) }))
    }
}
