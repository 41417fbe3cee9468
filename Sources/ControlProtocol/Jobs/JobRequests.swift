package import Foundation

/// A recipe: the TOML text of a file, or the same as a JSON object.
package enum RecipeSource: Codable, Sendable, Equatable {
    case toml(String)
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .toml(text)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .toml(let text): try container.encode(text)
        case .object(let members): try container.encode(members)
        }
    }
}

/// `{"recipe": ...}`: the body of enqueue and plan.
package struct RecipeBody: Codable, Sendable {
    package var recipe: RecipeSource
    /// The file's name, for messages.
    package var file: String?

    package init(recipe: RecipeSource, file: String? = nil) {
        self.recipe = recipe
        self.file = file
    }
}

/// Adds a job; answered only after the catalog holds it durably.
package struct EnqueueJob: ControlRequest {
    package typealias Reply = JobReply
    package var recipe: RecipeSource
    package var file: String?
    /// The same key and body from the same user give the same job; another body is refused.
    package var idempotencyKey: String?

    package init(recipe: RecipeSource, file: String? = nil, idempotencyKey: String? = nil) {
        self.recipe = recipe
        self.file = file
        self.idempotencyKey = idempotencyKey
    }

    package var method: ControlMethod { .post }
    package var path: [String] { ["v1", "jobs"] }
    package var headers: [ControlParameter] {
        ControlParameter.present(("Idempotency-Key", idempotencyKey))
    }
    package func body() throws -> Data? {
        try ControlJSON.encode(RecipeBody(recipe: recipe, file: file))
    }
}

/// Resolves a recipe without running it.
package struct PlanJob: ControlRequest {
    package typealias Reply = PlanReply
    package var recipe: RecipeSource
    package var file: String?

    package init(recipe: RecipeSource, file: String? = nil) {
        self.recipe = recipe
        self.file = file
    }

    package var method: ControlMethod { .post }
    package var path: [String] { ["v1", "plan"] }
    package func body() throws -> Data? {
        try ControlJSON.encode(RecipeBody(recipe: recipe, file: file))
    }
}

package struct ListJobs: ControlRequest {
    package typealias Reply = JobsReply
    /// Nil: all.
    package var state: JobState?
    package init(state: JobState? = nil) { self.state = state }
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "jobs"] }
    package var query: [ControlParameter] { ControlParameter.present(("state", state?.rawValue)) }
}

package struct ShowJob: ControlRequest {
    package typealias Reply = JobReply
    package var id: String
    package init(_ id: String) { self.id = id }
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "jobs", id] }
}

/// `cancel`, `pause`, `resume` or `retry` a job.
package struct ChangeJob: ControlRequest {
    package enum Change: String, Sendable, CaseIterable {
        case cancel, pause, resume, retry
    }

    package typealias Reply = JobReply
    package var id: String
    package var change: Change

    package init(_ id: String, _ change: Change) {
        self.id = id
        self.change = change
    }

    package var method: ControlMethod { .post }
    package var path: [String] { ["v1", "jobs", id, change.rawValue] }
}

/// The worker's log as text; with `follow` until the job ends.
package struct ReadJobLog: ControlDownload {
    package typealias Reply = JSONValue
    package var id: String
    package var follow: Bool
    /// Only the last so many bytes; nil: all.
    package var tailBytes: Int?

    package init(_ id: String, follow: Bool = false, tailBytes: Int? = nil) {
        self.id = id
        self.follow = follow
        self.tailBytes = tailBytes
    }

    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "jobs", id, "log"] }
    package var query: [ControlParameter] {
        ControlParameter.present(
            ("follow", follow ? "1" : nil), ("tail", tailBytes.map(String.init)))
    }
}

/// The last lines of the run's metrics.jsonl as NDJSON, each line as the run wrote it.
package struct ReadJobMetrics: ControlDownload {
    package typealias Reply = JSONValue
    package var id: String
    /// Nil: 1,000.
    package var lines: Int?

    package init(_ id: String, lines: Int? = nil) {
        self.id = id
        self.lines = lines
    }

    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "jobs", id, "metrics"] }
    package var query: [ControlParameter] {
        ControlParameter.present(("lines", lines.map(String.init)))
    }
}
