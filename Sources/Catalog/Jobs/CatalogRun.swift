import GRDB

/// One time that a worker worked on a job.
package struct CatalogRun: Codable, Sendable, Equatable {
    package var id: Int64
    package var job: Int64
    /// The job's epoch.
    package var epoch: Int64
    /// The run folder, the same for every run of a job.
    package var folder: String
    /// The sample list, frozen at the first run.
    package var samples: String
    /// Compute threads, fixed at the first run: a resumed run has to use as many.
    package var threads: Int
    /// Milliseconds since 1970.
    package var started: Int64
    package var ended: Int64?
    package var outcome: String?

    init(_ row: Row) {
        id = row["id"]
        job = row["job"]
        epoch = row["epoch"]
        folder = row["folder"]
        samples = row["samples"]
        threads = row["threads"]
        started = row["started"]
        ended = row["ended"]
        outcome = row["outcome"]
    }
}

/// A checkpoint that is on disk and verified.
package struct CatalogCheckpoint: Codable, Sendable, Equatable {
    package var job: Int64
    package var step: Int
    package var path: String
    /// Hexadecimal.
    package var sha256: String
    /// Milliseconds since 1970.
    package var created: Int64

    init(_ row: Row) {
        job = row["job"]
        step = row["step"]
        path = row["path"]
        sha256 = row["sha256"]
        created = row["created"]
    }
}
