import Dispatch
package import Graphs
import Synchronization
package import Tensors

/// The named states of a run: parameters, running statistics, moments, memories.
///
/// States outlive plans, and many plans share them. Values go in and out in row-major order; inside they lie as
/// the plan that trains them wants. Belongs to the thread that runs the plans.
package final class StateStore {
    private var buffers: [String: StateBuffer] = [:]
    private var order: [String] = []
    private var sharedEngine: Engine?
    /// Counts changes of layouts and removals: plans bind anew when it moves.
    private(set) var layoutEpoch = 0
    /// What removed states had counted, so that `version` never goes back.
    private var forgottenVersions = 0

    package init() {}

    /// The names of all states, in order of declaration.
    package var names: [String] { order }

    package func contains(_ name: String) -> Bool { buffers[name] != nil }

    /// Counts all changes of values, whether by plans or by `write`.
    package var version: Int { buffers.values.reduce(forgottenVersions) { $0 + $1.version } }

    package func shape(of name: String) throws -> Shape { try buffer(name).shape }

    package func role(of name: String) throws -> StateDeclaration.Role { try buffer(name).role }

    /// Begins those of a graph's states that the store does not hold yet.
    ///
    /// Random beginnings depend on the seed and the state's name alone.
    /// - Parameter known: values by name for states that do not begin as their declaration says; those that the
    ///   store holds already take them too.
    /// - Throws: `ExecutionError.shape` for a state that is held with another shape, `.unbound` for a copy of
    ///   a state that nobody declares.
    package func declare(
        statesOf graph: Graph, seed: UInt64, known: [String: Tensor<Float>] = [:]
    ) throws {
        var fresh: [StateDeclaration] = []
        var copies: [(declaration: StateDeclaration, source: String)] = []
        for (declaration, _) in graph.states {
            if let held = buffers[declaration.name] {
                guard held.shape == declaration.shape else {
                    throw ExecutionError(
                        .shape, name: declaration.name,
                        "the store holds this state with shape \(held.shape), the graph declares "
                            + "\(declaration.shape)")
                }
                if let values = known[declaration.name] { try write(declaration.name, values) }
            } else if case .copy(let source) = declaration.initializer,
                known[declaration.name] == nil
            {
                copies.append((declaration, source))
            } else {
                fresh.append(declaration)
            }
        }
        for (declaration, values) in zip(
            fresh, try Self.beginnings(of: fresh, seed: seed, known: known))
        {
            try insert(declaration, values)
        }
        while !copies.isEmpty {
            let ready = copies.filter { buffers[$0.source] != nil }
            guard !ready.isEmpty else {
                throw ExecutionError(
                    .unbound, name: copies[0].declaration.name,
                    "begins as a copy of state \(copies[0].source), which does not exist")
            }
            for copy in ready { try insert(copy.declaration, read(copy.source).values) }
            copies.removeAll { buffers[$0.declaration.name] != nil }
        }
    }

    /// The first values of states, drawn on all cores: each is a function of its own name.
    private static func beginnings(
        of declarations: [StateDeclaration], seed: UInt64, known: [String: Tensor<Float>]
    ) throws -> [[Float]] {
        let found = Mutex<[Int: Result<[Float], any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: declarations.count) { index in
            let declaration = declarations[index]
            let initializer = known[declaration.name].map { Initializer.values($0) }
            let values = Result {
                try (initializer ?? declaration.initializer).values(for: declaration, seed: seed)
            }
            found.withLock { $0[index] = values }
        }
        return try found.withLock { found in
            try declarations.indices.map { index in
                guard let values = found[index] else {
                    preconditionFailure("every index was visited")
                }
                return try values.get()
            }
        }
    }

    /// The values of a state, row-major.
    ///
    /// - Throws: `ExecutionError.unknownName`.
    package func read(_ name: String) throws -> Tensor<Float> {
        try buffer(name).read(engine())
    }

    /// Replaces the values of a state.
    ///
    /// - Throws: `ExecutionError.unknownName`, `.shape`.
    package func write(_ name: String, _ tensor: Tensor<Float>) throws {
        let buffer = try buffer(name)
        guard buffer.shape == tensor.shape else {
            throw ExecutionError(
                .shape, name: name,
                "the state has shape \(buffer.shape), it cannot take values of shape \(tensor.shape)"
            )
        }
        try buffer.write(tensor.values, engine())
    }

    /// Gives one state the values of another of the same shape.
    package func copy(from source: String, to target: String) throws {
        try write(target, read(source))
    }

    /// Forgets a state. Plans that use it fail on their next run.
    package func remove(_ name: String) {
        guard let buffer = buffers.removeValue(forKey: name) else { return }
        forgottenVersions += buffer.version + 1
        order.removeAll { $0 == name }
        layoutEpoch += 1
    }

    func buffer(_ name: String) throws -> StateBuffer {
        guard let buffer = buffers[name] else {
            throw ExecutionError(
                .unknownName, name: name, "the store holds no state of this name; declare it first")
        }
        return buffer
    }

    /// Settles the layout of a state for the plan that trains it.
    func claim(_ name: String, layout: Layout) throws {
        let buffer = try buffer(name)
        precondition(!buffer.isClaimed)
        buffer.isClaimed = true
        guard buffer.layout != layout else { return }
        try buffer.adopt(layout, engine())
        layoutEpoch += 1
    }

    func engine() throws -> Engine {
        if let sharedEngine { return sharedEngine }
        let engine = try Engine()
        sharedEngine = engine
        return engine
    }

    private func insert(_ declaration: StateDeclaration, _ values: [Float]) throws {
        let buffer = try StateBuffer(declaration)
        try buffer.write(values, engine())
        buffers[declaration.name] = buffer
        order.append(declaration.name)
    }
}
