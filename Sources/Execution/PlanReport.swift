import CKernels

/// What a plan consists of.
package struct PlanReport: Sendable, Hashable {
    package let label: String
    package let threads: Int
    /// Bytes for values that live during a run: the peak of what lives at once, and gaps.
    package let arenaByteCount: Int
    /// Bytes for constants and for what is computed once for each version of the states.
    package let persistentByteCount: Int
    /// Steps of every run.
    package let stepCount: Int
    /// Steps that run only when states have changed.
    package let hoistedStepCount: Int
    /// How many steps of each kind there are.
    package let stepsByKind: [String: Int]
    /// Nodes without a kernel, which run in float64, slowly.
    package let slowNodes: [String]

    init(_ program: Program, label: String, threads: Int) {
        self.label = label
        self.threads = threads
        arenaByteCount = program.arena.byteCount
        persistentByteCount = program.persistent.byteCount
        stepCount = program.body.count
        hoistedStepCount = program.prologue.count
        stepsByKind = program.body.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
        slowNodes = program.slowNodes
    }
}

/// How long one step took.
package struct StepTiming: Sendable, Hashable {
    package let name: String
    package let kind: String
    /// What runs it, such as oneDNN's name of an implementation.
    package let implementation: String
    /// Seconds in the quickest of the runs.
    package let seconds: Double
}

extension Program {
    func profile(runs: Int) throws -> [StepTiming] {
        precondition(runs > 0)
        var quickest = [Duration](repeating: .seconds(1 << 40), count: body.count)
        let clock = ContinuousClock()
        for _ in 0..<runs {
            try prepare()
            for (index, instruction) in body.enumerated() {
                let start = clock.now
                try instruction.kernel.run(instruction.operands)
                quickest[index] = min(quickest[index], clock.now - start)
            }
            for state in replaced { state.version += 1 }
        }
        return zip(body, quickest).map { instruction, time in
            StepTiming(
                name: instruction.name, kind: instruction.kind,
                implementation: instruction.kernel.implementation,
                seconds: time / .seconds(1))
        }
    }
}
