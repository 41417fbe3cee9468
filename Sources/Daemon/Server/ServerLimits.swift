/// What one client, or all of them, may ask of the control socket.
package struct ServerLimits: Sendable {
    /// Bytes of a JSON body.
    package var jsonBody = 1 << 20
    /// Bytes of an uploaded model.
    package var upload: Int64 = 4 << 30
    /// Bytes of request line and headers.
    package var headers = 16 << 10
    package var connections = 256
    /// Connections of one user; root and the daemon's own user are not counted.
    package var connectionsPerUser = 64
    /// From a connection's opening, or a request's first byte, to the end of the headers.
    package var headerTime = Duration.seconds(5)
    /// From the end of the headers to the end of a JSON body.
    package var bodyTime = Duration.seconds(10)
    /// Between requests, and between two pieces of an upload.
    package var idleTime = Duration.seconds(60)
    /// How long what a client still sends after its answer is thrown away.
    package var lingerTime = Duration.seconds(2)
    /// Bytes of events that may wait for a slow reader.
    package var followerBacklog = 256 << 10
    /// Seconds between the heartbeats of a stream.
    package var heartbeat = Duration.seconds(15)
    /// Jobs that may wait in the queue.
    package var queuedJobs = 10_000

    package init() {}
}
