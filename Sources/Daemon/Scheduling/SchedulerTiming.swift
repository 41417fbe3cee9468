/// How long the scheduler waits for what.
package struct SchedulerTiming: Sendable {
    /// Between two renewals of a job's lease.
    package var heartbeat = Duration.seconds(5)
    /// A worker that says nothing for so long is killed.
    package var silence = Duration.seconds(600)
    /// From `stop` to the end by force, for a checkpoint to be written.
    package var grace = Duration.seconds(60)
    /// Between looks at the queue when nothing rings.
    package var patience = Duration.seconds(60)

    package init() {}
}
