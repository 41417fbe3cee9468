/// One of the loops that a daemon consists of.
package protocol DaemonPart: Sendable {
    /// Works until it is cancelled, or until `shutDown` has told it to end; what it throws then is no failure.
    func run() async throws

    /// Tells `run` that the daemon stops and returns true; false has it cancelled.
    func shutDown() async -> Bool
}

extension DaemonPart {
    package func shutDown() async -> Bool { false }
}

/// Runs the parts of a daemon side by side and shuts them down in order.
///
/// A shutdown ends the parts one after the other, the last first: each rests before the one before it is told. A part
/// that returns by itself is left be; one that fails has all others cancelled, and its error is the group's.
///
///     let group = PartGroup([EventPart(...), SchedulerPart(...)])
///     async let running: Void = group.run()
///     group.shutDown()
package final class PartGroup: Sendable {
    private enum Message: Sendable {
        case ended(Int, (any Error)?)
        case shutDown
        case cancelled
    }

    private let parts: [any DaemonPart]
    private let messages: AsyncStream<Message>
    private let sender: AsyncStream<Message>.Continuation

    package init(_ parts: [any DaemonPart]) {
        self.parts = parts
        (messages, sender) = AsyncStream.makeStream()
    }

    /// Begins the shutdown and waits for nothing; also before `run`, which then returns at once after a start.
    package func shutDown() { sender.yield(.shutDown) }

    /// Runs every part; returns when all have ended. To be called once.
    ///
    /// - Throws: The error of the first part that failed, or `CancellationError` if the caller was cancelled.
    package func run() async throws {
        let tasks = parts.enumerated().map { index, part in
            Task { [sender] in
                do {
                    try await part.run()
                    sender.yield(.ended(index, nil))
                } catch {
                    sender.yield(.ended(index, error))
                }
            }
        }
        // In a task of its own: cancelling the caller must not end the stream that tells of the parts' ends.
        let work = Task { try await attend(tasks) }
        try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            sender.yield(.cancelled)
        }
    }

    private func attend(_ tasks: [Task<Void, Never>]) async throws {
        var running = Set(tasks.indices)
        /// The part that has been told to end.
        var told: Int?
        var isCancelled = false
        var failure: (any Error)?

        func cancelAll() {
            isCancelled = true
            for task in tasks { task.cancel() }
        }
        func tellNext() async {
            told = running.max()
            guard let told else { return }
            if await !parts[told].shutDown() { tasks[told].cancel() }
        }

        for await message in messages {
            switch message {
            case .ended(let index, let error):
                running.remove(index)
                let isOrdered = isCancelled || index == told
                if let error, !isOrdered || !(error is CancellationError) {
                    failure = failure ?? error
                    if !isCancelled { cancelAll() }
                }
                if index == told, !isCancelled { await tellNext() }
            case .shutDown:
                if told == nil, !isCancelled { await tellNext() }
            case .cancelled:
                failure = failure ?? CancellationError()
                cancelAll()
            }
            if running.isEmpty { break }
        }
        if let failure { throw failure }
    }
}
