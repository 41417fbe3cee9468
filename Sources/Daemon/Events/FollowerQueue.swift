package import Foundation
import Synchronization

/// One line of the event stream, ready to be sent.
package struct EventLine: Sendable {
    /// The number of a stored event, nil for heartbeats and progress.
    package var sequence: Int64?
    package var bytes: Data

    package init(sequence: Int64?, bytes: Data) {
        self.sequence = sequence
        self.bytes = bytes
    }
}

/// Lines that wait for one reader of the event stream; too many end the stream.
///
/// The reader resumes behind the last event it got, so nothing is lost by being cut off.
package final class FollowerQueue: Sendable {
    private struct State {
        var lines: [EventLine] = []
        var bytes = 0
        var isClosed = false
        var reader: CheckedContinuation<[EventLine]?, Never>?
    }

    private let limit: Int
    private let types: [String]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: Bytes that may wait.
    ///   - types: Whole types or prefixes up to a dot; empty: all.
    package init(limit: Int, types: [String]) {
        self.limit = limit
        self.types = types
    }

    package func wants(_ type: String) -> Bool {
        types.isEmpty || types.contains { type == $0 || type.hasPrefix($0 + ".") }
    }

    /// Adds a line, unless its reader was too slow and is cut off.
    package func put(_ line: EventLine) {
        state.withLock { state in
            guard !state.isClosed else { return }
            if let reader = state.reader {
                state.reader = nil
                reader.resume(returning: [line])
                return
            }
            state.lines.append(line)
            state.bytes += line.bytes.count
            if state.bytes > limit {
                state.isClosed = true
                state.lines = []
            }
        }
    }

    /// Everything that waits, as soon as there is something; nil: cut off, closed or cancelled.
    package func take() async -> [EventLine]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    if state.isClosed {
                        continuation.resume(returning: nil)
                    } else if !state.lines.isEmpty {
                        continuation.resume(returning: state.lines)
                        state.lines = []
                        state.bytes = 0
                    } else {
                        state.reader = continuation
                    }
                }
            }
        } onCancel: {
            close()
        }
    }

    package func close() {
        state.withLock { state in
            state.isClosed = true
            state.lines = []
            state.reader?.resume(returning: nil)
            state.reader = nil
        }
    }

    package var isCutOff: Bool { state.withLock { $0.isClosed } }
}
