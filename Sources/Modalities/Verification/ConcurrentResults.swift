import Synchronization

/// What several threads found, in the order of their numbers.
final class ConcurrentResults: Sendable {
    private let slots: Mutex<[[UInt32]?]>

    init(count: Int) { slots = Mutex(Array(repeating: nil, count: count)) }

    func set(_ index: Int, _ value: [UInt32]?) { slots.withLock { $0[index] = value } }

    var values: [[UInt32]?] { slots.withLock { $0 } }
}
