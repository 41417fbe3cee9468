import Catalog
import ControlProtocol
import Foundation
import NIOHTTP1
import Watching

/// `/v1/datasets` and below.
enum DatasetRoutes {
    static let list = Route(.GET, "/v1/datasets", needs: .read) { services, _ in
        let presentation = DatasetPresentation(services)
        var summaries: [DatasetSummary] = []
        for dataset in try await services.catalog.datasets() {
            summaries.append(try await presentation.summary(of: dataset))
        }
        return try .json(DatasetsReply(datasets: summaries))
    }

    static let add = Route(.POST, "/v1/datasets", needs: .administer) { services, request in
        let wanted = try await request.json(AddDataset.self).value
        guard wanted.datasetPath.hasPrefix("/") else {
            throw ControlError(
                "request.malformed",
                "`path` is `\(wanted.datasetPath)`: expected an absolute path",
                hint: "the daemon does not know the caller's current folder")
        }
        let dataset = try await services.add(wanted)
        let entered = try await services.catalog.dataset(id: dataset.id)
        return try .json(
            DatasetReply(
                dataset: try await DatasetPresentation(services).summary(
                    of: entered, withManifest: true)), status: 201)
    }

    static let show = Route(.GET, "/v1/datasets/{name}", needs: .read) { services, request in
        try await reply(services, request.parameter("name"))
    }

    static let remove = Route(.DELETE, "/v1/datasets/{name}", needs: .administer) {
        services, request in
        let dataset = try await services.watching.remove(request.parameter("name"))
        return try .json(RemovedReply(removed: dataset.name))
    }

    static let rescan = Route(.POST, "/v1/datasets/{name}/rescan", needs: .enqueue) {
        services, request in
        let dataset = try await services.catalog.dataset(request.parameter("name"))
        if let split = request.query["split"] {
            guard split == "anew" else {
                throw ControlError(
                    "request.malformed", "`split` is `\(split)`: expected `anew` or nothing")
            }
            try await services.catalog.releaseSplit(ofDataset: dataset.id)
        }
        _ = try await services.watching.rescan(dataset.name)
        services.inspection.retry()
        await services.settleBriefly(dataset, anew: true)
        return try await reply(services, dataset.name)
    }

    private static func reply(_ services: DaemonServices, _ name: String) async throws -> Response {
        let dataset = try await services.catalog.dataset(name)
        return try .json(
            DatasetReply(
                dataset: try await DatasetPresentation(services).summary(
                    of: dataset, withManifest: true)))
    }
}

extension DaemonServices {
    /// Gives the survey and the headers of fresh files a few seconds, so that the answer tells what is wrong in
    /// them; both go on in the background where that is too short.
    func settleBriefly(_ dataset: CatalogDataset, anew: Bool = false) async {
        async let surveyed: Void = briefly(20) { [self] in
            await surveys.settle(dataset.id, anew: anew)
        }
        async let inspected: Void = briefly(5) { [self] in await inspection.settle(dataset.id) }
        _ = await (surveyed, inspected)
    }

    private func briefly(_ seconds: Int, _ body: @escaping @Sendable () async -> Void) async {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let work = Task {
            await body()
            end.yield()
        }
        let clock = Task {
            try? await Task.sleep(for: .seconds(seconds))
            end.yield()
        }
        for await _ in ends { break }
        work.cancel()
        clock.cancel()
    }
}

extension DaemonServices {
    /// Enters a data set; without `wait` its scan goes on after the answer.
    fileprivate func add(_ wanted: AddDataset) async throws -> CatalogDataset {
        let watching = watching
        let adding = Task {
            try await watching.add(
                path: wanted.datasetPath, name: wanted.name, layout: wanted.layout ?? "auto"
            ).dataset
        }
        if wanted.wait {
            let dataset = try await adding.value
            await settleBriefly(dataset)
            return dataset
        }
        // What is wrong with the folder shows before its row does: whichever comes first is the
        // answer.
        return try await withThrowingTaskGroup(of: CatalogDataset.self) { tasks in
            tasks.addTask { try await adding.value }
            tasks.addTask { [catalog] in
                let root = URL(fileURLWithPath: wanted.datasetPath).resolvingSymlinksInPath().path
                while true {
                    if let dataset = try await catalog.dataset(root: root) { return dataset }
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            defer { tasks.cancelAll() }
            guard let first = try await tasks.next() else { throw CancellationError() }
            return first
        }
    }
}
