import GRDB

/// Something that happened, in the order in which it was committed.
package struct CatalogEvent: Codable, Sendable, Equatable {
    /// Grows with every event and is never used twice.
    package var seq: Int64
    /// Milliseconds since 1970.
    package var time: Int64
    /// Dotted, such as `job.state` or `dataset.scanned`.
    package var type: String
    /// What it happened to: `job`, `dataset`, `model`, `sample`, `plugin`, `daemon`.
    package var subject: String
    /// The subject's row; nil where it has none.
    package var id: Int64?
    /// A JSON object.
    package var payload: String

    init(_ row: Row) {
        seq = row["seq"]
        time = row["time"]
        type = row["type"]
        subject = row["subject"]
        id = row["id"]
        payload = row["payload"]
    }
}

/// One answer to "what happened since?".
package struct CatalogEventPage: Sendable, Equatable {
    /// The first event that still exists where some after the asked one were pruned; else nil.
    package var gapUntil: Int64?
    package var events: [CatalogEvent]
    /// The last event of all, so that a client knows whether it is up to date.
    package var last: Int64
}
