/// Something that happened: one line of `GET /v1/events`.
///
/// Stored types: `job.state` (`data.state`: queued, running, paused, succeeded, failed, cancelled),
/// `job.phase`, `job.warning` (`data.code`: training.collapsed), `dataset.added`, `dataset.scanned`,
/// `dataset.state` (online, offline), `dataset.manifest`, `dataset.removed`, `sample.quarantined`,
/// `model.added`, `model.removed`, `daemon.started`, `daemon.reloaded`.
/// Never stored, sent to followers only: `job.progress` (at most twice a second a job), `heartbeat`
/// (every 15 s) and `gap` (events between `data.from` and `data.to` are no longer kept).
package struct ControlEvent: Codable, Sendable, Equatable {
    /// The number to resume behind; for lines that are not stored, that of the last stored event.
    package var sequence: Int64
    package var time: Timestamp
    package var type: String
    /// Whom it is about: `j12`, a data set's or a model's name.
    package var subject: String?
    package var data: JSONValue

    package init(
        sequence: Int64, time: Timestamp, type: String, subject: String?, data: JSONValue
    ) {
        self.sequence = sequence
        self.time = time
        self.type = type
        self.subject = subject
        self.data = data
    }

    private enum CodingKeys: String, CodingKey {
        case time, type, subject, data
        case sequence = "seq"
    }

    /// Whether the catalog keeps it, so that `sequence` is its own.
    package var isStored: Bool { !ControlEvent.transient.contains(type) }

    package static let transient: Set<String> = ["job.progress", "heartbeat", "gap"]
}

/// Reads events, one JSON object a line.
package struct ReadEvents: ControlDownload {
    package typealias Reply = JSONValue
    /// Events with a greater number only; nil: from the oldest kept.
    package var after: Int64?
    /// Types or prefixes up to a dot (`job`, `job.failed`); empty: all.
    package var types: [String]
    /// Stay connected and send what happens.
    package var follow: Bool

    package init(after: Int64? = nil, types: [String] = [], follow: Bool) {
        self.after = after
        self.types = types
        self.follow = follow
    }

    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "events"] }
    package var query: [ControlParameter] {
        ControlParameter.present(
            ("after", after.map(String.init)),
            ("types", types.isEmpty ? nil : types.joined(separator: ",")),
            ("follow", follow ? "1" : "0"))
    }
}
