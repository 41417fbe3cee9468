package import Graphs

/// Turns graphs into plans that run: the seam behind which processors and accelerators lie.
package protocol Executor {
    /// Binds shapes, memory and kernels of a graph.
    ///
    /// - Parameters:
    ///   - graph: what to compute; its states must be in the store.
    ///   - store: where states live between runs and which plans share.
    /// - Throws: `ExecutionError.unbound` for a state that the store lacks, `.library` where a kernel cannot
    ///   be built, and what rewriting the graph throws.
    func compile(_ graph: Graph, store: StateStore, options: PlanOptions) throws -> Plan
}

/// Runs graphs on the machine's processors with oneDNN, OpenBLAS and kernels of its own.
package struct CPUExecutor: Executor {
    package init() {}

    package func compile(
        _ graph: Graph, store: StateStore, options: PlanOptions = PlanOptions()
    ) throws -> Plan {
        try Plan(graph, store: store, options: options)
    }
}

/// What a plan computes in.
package enum Precision: String, Sendable, Hashable, CaseIterable {
    case float32
    /// Activations, their gradients and the weights that multiply them are bfloat16; sums, statistics, losses,
    /// parameters and their updates float32. A processor without bfloat16 products computes in float32.
    ///
    /// - Reference: Micikevicius et al. 2018, 1710.03740; Kalamkar et al. 2019, 1905.12322.
    case bfloat16
    /// For inference: convolutions and what lies between them in bytes, with sums in 32 bits; all else float32.
    /// Needs `PlanOptions.quantization` and a processor that multiplies bytes in pairs of four.
    ///
    /// - Reference: Jacob et al. 2018, 1712.05877; Krishnamoorthi 2018, 1806.08342.
    case int8

    /// What results depend on; changes when what is computed in it changes by more than the rounding of sums.
    package var identity: String {
        switch self {
        case .float32, .int8: rawValue
        // Encodings keep float32.
        case .bfloat16: "bfloat16 2"
        }
    }
}

/// How a graph becomes a plan.
package struct PlanOptions: Sendable, Hashable {
    /// Threads that kernels share; 0: one for each core.
    package var threads: Int
    /// What reports call the plan.
    package var label: String
    /// Whether normalisation is folded into convolutions and activations into their producers.
    ///
    /// For graphs that compute no gradients.
    package var inference: Bool
    /// Whether neighbouring nodes of a training graph are computed together.
    package var fuses: Bool
    /// In what convolutions and what lies between them compute.
    package var precision: Precision
    /// What the largest input and output of an operator may take together, in bytes, before a batch that is
    /// inferred is worked through in slices: what stays in a cache of 32 MiB that is not ours alone.
    ///
    /// Measured: ResNet-50 at 224 px in bfloat16, 16 images on two cores, 90 a second whole, 112 in slices of 2.
    package var cacheBytes = 8 << 20
    /// What bytes are worth, for `Precision.int8`: from a `Calibrator` of the same graph.
    package var quantization: Quantization?

    package init(
        threads: Int = 0, label: String = "", inference: Bool = false, fuses: Bool = true,
        precision: Precision = .float32, quantization: Quantization? = nil
    ) {
        precondition(threads >= 0, "\(threads) threads")
        self.threads = threads
        self.label = label
        self.inference = inference
        self.fuses = fuses
        self.precision = precision
        self.quantization = quantization
    }
}
