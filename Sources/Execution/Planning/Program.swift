import Tensors

/// A kernel bound to addresses.
struct Instruction {
    let kernel: any Kernel
    let name: String
    let kind: String
    let operands: Operands
}

/// Where an output lies after a run.
struct PlanOutput {
    let shape: Shape
    let address: UnsafeMutablePointer<Float>
}

/// What a plan runs: kernels bound to addresses in two arenas and in the memory of states and inputs.
///
/// Valid as long as the store's layout epoch is the one it was compiled at.
final class Program {
    let arena: AlignedMemory
    let persistent: AlignedMemory
    let layoutEpoch: Int
    /// Steps that depend on unreplaced states and constants alone.
    var prologue: [Instruction] = []
    var body: [Instruction] = []
    var outputs: [String: PlanOutput] = [:]
    /// States that the prologue may read.
    var observed: [StateBuffer] = []
    var replaced: [StateBuffer] = []
    var slowNodes: [String] = []
    private let table: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    private let capacity: Int
    private var bound = 0
    private var seenVersion: Int?

    init(arena: AlignedMemory, persistent: AlignedMemory, operandCount: Int, layoutEpoch: Int) {
        self.arena = arena
        self.persistent = persistent
        self.layoutEpoch = layoutEpoch
        capacity = max(operandCount, 1)
        table = .allocate(capacity: capacity)
    }

    deinit { table.deallocate() }

    /// Puts addresses into the table and returns where they begin there.
    func bind(
        _ addresses: [UnsafeMutablePointer<Float>]
    ) -> UnsafePointer<UnsafeMutablePointer<Float>> {
        precondition(bound + addresses.count <= capacity)
        let start = table + bound
        for (index, address) in addresses.enumerated() {
            (start + index).initialize(to: address)
        }
        bound += addresses.count
        return UnsafePointer(start)
    }

    /// Runs the prologue if a state that it may read has changed since.
    func prepare() throws {
        var version = 0
        for state in observed { version += state.version }
        guard seenVersion != version else { return }
        for instruction in prologue { try instruction.kernel.run(instruction.operands) }
        seenVersion = version
    }

    func run() throws {
        try prepare()
        for instruction in body { try instruction.kernel.run(instruction.operands) }
        for state in replaced { state.version += 1 }
    }
}
