import Foundation
import Synchronization

/// Prepares items ahead of their use on threads of its own, in order, at most `depth` at a time.
///
/// Item `n` is whatever `produce(n)` returns, whichever thread it ran on, so the consumer sees the same
/// sequence for every number of threads.
package final class Prefetcher<Item: Sendable>: Sendable {
    private struct State {
        var ready: [Int: Result<Item, any Error>] = [:]
        var nextToProduce: Int
        var nextToConsume: Int
        var stopped = false
    }

    private let condition = NSCondition()
    private let state: Mutex<State>
    private let range: Range<Int>
    private let depth: Int
    private let produce: @Sendable (Int) throws -> Item

    package init(
        _ range: Range<Int>, depth: Int, threads: Int,
        produce: @escaping @Sendable (Int) throws -> Item
    ) {
        precondition(depth >= 1 && threads >= 1)
        self.range = range
        self.depth = depth
        self.produce = produce
        state = Mutex(State(nextToProduce: range.lowerBound, nextToConsume: range.lowerBound))
        for number in 0..<threads {
            // The threads hold the prefetcher until `stop`, which `deinit` therefore cannot call.
            let thread = Thread { self.work() }
            thread.name = "prefetch-\(number)"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    /// The next item in order, nil after the last.
    package func next() throws -> Item? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let outcome: Result<Item, any Error>?? = state.withLock { state in
                let index = state.nextToConsume
                guard index < range.upperBound, !state.stopped else { return .some(nil) }
                guard let result = state.ready.removeValue(forKey: index) else { return nil }
                state.nextToConsume += 1
                return result
            }
            if let outcome {
                condition.broadcast()
                return try outcome?.get()
            }
            condition.wait()
        }
    }

    /// Lets the threads end; what they hold is dropped.
    package func stop() {
        condition.lock()
        state.withLock {
            $0.stopped = true
            $0.ready = [:]
        }
        condition.broadcast()
        condition.unlock()
    }

    private func work() {
        while let index = claim() {
            let result = Result { try produce(index) }
            condition.lock()
            state.withLock { if !$0.stopped { $0.ready[index] = result } }
            condition.broadcast()
            condition.unlock()
        }
    }

    private func claim() -> Int? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let claimed: Int?? = state.withLock { state in
                guard !state.stopped, state.nextToProduce < range.upperBound else {
                    return .some(nil)
                }
                guard state.nextToProduce < state.nextToConsume + depth else { return nil }
                state.nextToProduce += 1
                return state.nextToProduce - 1
            }
            if let claimed { return claimed }
            condition.wait()
        }
    }
}
