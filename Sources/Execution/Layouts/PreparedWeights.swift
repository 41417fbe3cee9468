/// Weights in a form that one kernel alone reads, computed from the standard layout: once for each version of the
/// states where no plan replaces them.
///
/// To add one: a type beside the kernel that reads it.
protocol PreparedWeights {
    var byteCount: Int { get }

    /// What computes this form from the standard layout.
    func preparation(_ engine: Engine) throws -> any Kernel
    func isEqual(to other: any PreparedWeights) -> Bool
}

extension PreparedWeights where Self: Equatable {
    func isEqual(to other: any PreparedWeights) -> Bool { other as? Self == self }
}

/// Any prepared form, to be compared with others.
struct WeightForm: Equatable {
    let weights: any PreparedWeights

    init(_ weights: any PreparedWeights) { self.weights = weights }

    static func == (left: WeightForm, right: WeightForm) -> Bool {
        left.weights.isEqual(to: right.weights)
    }
}

/// Computes a prepared form of weights from the standard layout.
final class PreparationKernel: Kernel {
    let demands: KernelDemands
    let implementation: String
    private let prepare: (Operands) throws -> Void

    /// - Parameter prepare: reads input 0, writes all of output 0.
    init(
        _ weights: some PreparedWeights, scratchBytes: Int = 0,
        prepare: @escaping (Operands) throws -> Void
    ) {
        implementation = "\(type(of: weights))"
        self.prepare = prepare
        demands = KernelDemands(
            inputLayouts: [.standard], outputLayouts: [.prepared(WeightForm(weights))],
            scratchBytes: scratchBytes)
    }

    func run(_ operands: Operands) throws { try prepare(operands) }
}
