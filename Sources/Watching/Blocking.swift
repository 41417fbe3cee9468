import Dispatch

/// Runs work that blocks on threads that may, so that Swift's own few stay free.
enum Blocking {
    private static let queue = DispatchQueue(label: "watching", attributes: .concurrent)

    /// The result of `work`, run elsewhere.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: work)) }
        }
    }
}
