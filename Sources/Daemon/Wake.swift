/// A bell: rung from anywhere, heard by one loop; rings that come while it is busy count as one.
struct Wake: Sendable {
    let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (rings, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func ring() { continuation.yield() }
    func end() { continuation.finish() }
}
