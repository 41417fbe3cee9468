import Catalog
import Configuration
import ControlProtocol
import Foundation
import NIOHTTP1

/// `/v1/jobs`, `/v1/jobs/{id}` and what changes a job.
enum JobRoutes {
    static let list = Route(.GET, "/v1/jobs", needs: .read) { services, request in
        var states: [CatalogJob.State] = []
        if let named = request.query["state"], !named.isEmpty {
            states = try named.split(separator: ",").map { text in
                guard let state = CatalogJob.State(rawValue: String(text)) else {
                    let known = CatalogJob.State.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ControlError(
                        "request.malformed", "`state=\(text)`: expected one of \(known)")
                }
                return state
            }
        }
        let jobs = try await services.catalog.jobs(states: states)
        return try .json(JobsReply(jobs: jobs.map { services.jobs.summary(of: $0) }))
    }

    static let show = Route(.GET, "/v1/jobs/{id}", needs: .read) { services, request in
        try await reply(services, try await job(services, request))
    }

    static let enqueue = Route(.POST, "/v1/jobs", needs: .enqueue) { services, request in
        let (body, bytes) = try await request.json(RecipeBody.self)
        let (recipe, text) = try RecipeReading.read(body)
        let key = request.headers.first(name: "Idempotency-Key")
        if let key, key.isEmpty || key.utf8.count > 255 {
            throw ControlError(
                "request.malformed",
                "Idempotency-Key has \(key.utf8.count) bytes: expected 1 to 255")
        }
        guard !services.scheduler.isDraining else {
            throw ControlError(
                "daemon.stopping", "the daemon is stopping", hint: "try again in a moment",
                retryable: true)
        }
        try await RecipeReading.check(recipe, services)
        let outcome = try await services.catalog.enqueue(
            NewJob(
                name: recipe.name, kind: recipe.kind.rawValue, recipe: text,
                dataset: recipe.dataset.name, uid: Int64(request.peer.uid)), key: key,
            fingerprint: key == nil ? "" : String(decoding: bytes, as: UTF8.self),
            limit: request.limits.queuedJobs)
        switch outcome {
        case .created(let job):
            services.scheduler.ring()
            return try .json(JobReply(job: services.jobs.summary(of: job)), status: 201)
        case .replayed(let job):
            return try .json(JobReply(job: services.jobs.summary(of: job)))
        case .conflict(let id):
            throw ControlError(
                "idempotency.mismatch",
                "the Idempotency-Key was used for another recipe, job \(JobName.text(id))",
                hint: "use a new key for a new job", details: ["job": .string(JobName.text(id))])
        }
    }

    static let cancel = change("cancel", needs: .changeOwn) { try await $0.cancel(job: $1) }
    static let pause = change("pause", needs: .administer) { try await $0.pause(job: $1) }
    static let resume = change("resume", needs: .administer) { try await $0.resume(job: $1) }
    static let retry = change("retry", needs: .administer) { try await $0.retry(job: $1) }

    private static func change(
        _ verb: String, needs right: Right,
        _ body: @escaping @Sendable (Catalog, String) async throws -> CatalogJob
    ) -> Route {
        Route(.POST, "/v1/jobs/{id}/\(verb)", needs: right) { services, request in
            let before = try await job(services, request)
            try services.authorisation.require(
                right, of: request.peer, owner: UInt32(clamping: before.uid))
            let changed = try await body(services.catalog, String(before.id))
            services.scheduler.interrupt(changed)
            if changed.state == .cancelled {
                await services.removeCheckpoints(ofJob: changed.id)
            }
            services.scheduler.ring()
            return try await reply(services, changed)
        }
    }

    /// The job that the path names: `j12`, `12`, or the newest of a name.
    static func job(_ services: DaemonServices, _ request: RequestContext) async throws
        -> CatalogJob
    {
        let text = request.parameter("id")
        return try await services.catalog.job(JobName.number(text).map(String.init) ?? text)
    }

    private static func reply(_ services: DaemonServices, _ job: CatalogJob) async throws
        -> Response
    {
        let metrics = try await services.catalog.metrics(of: .job, id: job.id)
        var summary = services.jobs.summary(of: job, metrics: metrics, withRecipe: true)
        summary.warnings = try await warnings(services, job)
        return try .json(JobReply(job: summary))
    }

    /// Each warning once, with its last words.
    private static func warnings(
        _ services: DaemonServices, _ job: CatalogJob
    ) async throws -> [JobWarning] {
        var known: [JobWarning] = []
        for payload in try await services.catalog.warnings(ofJob: job.id) {
            guard let value = try? ControlJSON.decode(JSONValue.self, from: Data(payload.utf8)),
                let code = value["code"]?.string, let message = value["message"]?.string
            else { continue }
            known.removeAll {
                $0.code == code && (code.hasPrefix("training.") || $0.message == message)
            }
            known.append(
                JobWarning(
                    code: code, message: message, hint: value["hint"]?.string ?? "",
                    step: Int(value["step"]?.number ?? 0)))
        }
        return known
    }
}
