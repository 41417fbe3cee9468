import GRDB

/// A job of the queue.
package struct CatalogJob: Codable, Sendable, Equatable {
    package var id: Int64
    /// Not unique: the newest job of a name is the one it stands for.
    package var name: String
    /// `train` or `distill`.
    package var kind: String
    package var state: State
    /// What a running job has been asked to become: `paused` or `cancelled`.
    package var wanted: State?
    /// The recipe as enqueued, TOML.
    package var recipe: String
    /// The data set's name.
    package var dataset: String
    /// The user who enqueued it.
    package var uid: Int64
    /// Higher goes first.
    package var priority: Int
    /// Failures since it was enqueued or retried by hand.
    package var attempts: Int
    /// Not to be started before, in milliseconds since 1970.
    package var notBefore: Int64
    /// Who holds the lease: a daemon's boot id and a random part.
    package var owner: String?
    /// Grows with every claim; results of an earlier epoch are refused.
    package var epoch: Int64
    package var error: Failure?
    /// `preparing`, `calibrating`, `caching`, `training`, `evaluating`, `exporting`.
    package var phase: String?
    /// A JSON object: where training stood when last told.
    package var progress: String?
    /// A JSON object: what a finished job handed back.
    package var result: String?
    /// Milliseconds since 1970.
    package var created: Int64
    package var started: Int64?
    package var finished: Int64?

    /// Why a job failed or waits.
    package struct Failure: Codable, Sendable, Equatable {
        /// A stable dotted code, such as `disk.full`.
        package var code: String
        package var message: String
        package var hint: String?

        /// Makes a failure.
        package init(code: String, message: String, hint: String? = nil) {
            self.code = code
            self.message = message
            self.hint = hint
        }
    }

    init(_ row: Row) {
        id = row["id"]
        name = row["name"]
        kind = row["kind"]
        state = State(rawValue: row["state"]) ?? .failed
        wanted = (row["wanted"] as String?).flatMap(State.init)
        recipe = row["recipe"]
        dataset = row["dataset"]
        uid = row["uid"]
        priority = row["priority"]
        attempts = row["attempts"]
        notBefore = row["not_before"]
        owner = row["owner"]
        epoch = row["epoch"]
        if let code = row["error_code"] as String? {
            error = Failure(
                code: code, message: row["error_message"] ?? "", hint: row["error_hint"])
        }
        phase = row["phase"]
        progress = row["progress"]
        result = row["result"]
        created = row["created"]
        started = row["started"]
        finished = row["finished"]
    }
}
