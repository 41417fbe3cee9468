import Daemon
import Synchronization
import Testing

/// What happened, in order.
private final class Diary: Sendable {
    private let lines = Mutex<[String]>([])

    func write(_ line: String) { lines.withLock { $0.append(line) } }
    var read: [String] { lines.withLock { $0 } }
}

private struct Failure: Error {}

/// A part that writes down how it ends.
private struct TestPart: DaemonPart {
    enum Kind { case untilCancelled, untilTold, returns, fails }

    let name: String
    let kind: Kind
    let diary: Diary
    let told: AsyncStream<Void>
    let teller: AsyncStream<Void>.Continuation

    init(name: String, kind: Kind, diary: Diary) {
        self.name = name
        self.kind = kind
        self.diary = diary
        (told, teller) = AsyncStream.makeStream()
    }

    func run() async throws {
        switch kind {
        case .returns: return
        case .fails: throw Failure()
        case .untilTold: for await _ in told { break }
        case .untilCancelled:
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
        }
        diary.write("\(name) ended")
        if kind == .untilCancelled { throw CancellationError() }
    }

    func shutDown() async -> Bool {
        diary.write("\(name) told")
        teller.yield()
        return kind == .untilTold
    }
}

struct PartGroupTests {
    private let diary = Diary()

    private func group(_ kinds: [(String, TestPart.Kind)]) -> PartGroup {
        PartGroup(kinds.map { TestPart(name: $0.0, kind: $0.1, diary: diary) })
    }

    @Test func partsEndFromTheLastToTheFirstEachAfterTheOneBehindIt() async throws {
        let parts = group([("a", .untilCancelled), ("b", .untilTold), ("c", .untilCancelled)])
        async let running: Void = parts.run()
        parts.shutDown()
        parts.shutDown()
        try await running
        #expect(
            diary.read == ["c told", "c ended", "b told", "b ended", "a told", "a ended"])
    }

    @Test func aShutdownBeforeTheStartCounts() async throws {
        let parts = group([("a", .untilCancelled), ("b", .untilTold)])
        parts.shutDown()
        try await parts.run()
        #expect(diary.read == ["b told", "b ended", "a told", "a ended"])
    }

    @Test func aPartThatReturnsIsLeftBe() async throws {
        let parts = group([("a", .untilCancelled), ("b", .returns)])
        async let running: Void = parts.run()
        try await Task.sleep(for: .milliseconds(20))
        #expect(diary.read.isEmpty)
        parts.shutDown()
        try await running
        #expect(diary.read.suffix(2) == ["a told", "a ended"])
    }

    @Test func aFailureCancelsTheOthersAndIsTheGroups() async {
        let parts = group([("a", .untilCancelled), ("b", .fails), ("c", .untilCancelled)])
        await #expect(throws: Failure.self) { try await parts.run() }
        #expect(diary.read.sorted() == ["a ended", "c ended"])
    }

    @Test func cancellingTheCallerCancelsAll() async {
        let parts = group([("a", .untilCancelled), ("b", .untilCancelled)])
        let running = Task { try await parts.run() }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(diary.read.sorted() == ["a ended", "b ended"])
    }
}
