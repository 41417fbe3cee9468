import Graphs
import Tensors

/// One operator of one node, built for its shapes and layouts; runs without allocating.
///
/// To add one: a file beside this with a factory, and its line in `KernelTable`.
protocol Kernel: AnyObject {
    /// What the plan must arrange before it can run.
    var demands: KernelDemands { get }
    /// What computes it, for profiles.
    var implementation: String { get }

    /// - Throws: `ExecutionError` for values it cannot accept or a library that fails.
    func run(_ operands: Operands) throws
}

extension Kernel {
    var implementation: String { "\(type(of: self))" }
}

/// What a kernel wants of its operands.
struct KernelDemands {
    /// For each input the layout it must have. Empty: all standard.
    var inputLayouts: [Layout] = []
    /// For each output the layout it will have. Empty: all standard.
    var outputLayouts: [Layout] = []
    /// Outputs that may be written into the memory of an input that is not needed afterwards.
    var inPlace: [(output: Int, input: Int)] = []
    /// Whether output 0 is input 0 under another name, so that nothing needs to run.
    var isAlias = false
    var scratchBytes = 0
}

/// The addresses of a kernel's inputs, outputs and scratch memory.
struct Operands {
    let inputs: UnsafePointer<UnsafeMutablePointer<Float>>
    let outputs: UnsafePointer<UnsafeMutablePointer<Float>>
    let scratch: UnsafeMutableRawPointer
}

/// What a kernel is built from.
struct KernelContext {
    let node: Node
    let inputs: [TensorType]
    /// The layouts that the inputs have, which need not be those that the kernel demands.
    let inputLayouts: [Layout]
    let engine: Engine
    let inference: Bool
    /// Whether what can be bfloat16 is.
    let half: Bool
    /// Which values are bytes; nil outside of quantised inference.
    let bytes: ByteValues?

    var outputs: [TensorType] { node.outputs }
    func shape(_ input: Int) -> Shape { inputs[input].shape }
    var outputShape: Shape { node.outputs[0].shape }

    /// The layout in which an element-wise operator works: the one that its inputs have in common.
    ///
    /// A blocked layout serves only where all inputs have the output's shape or are single numbers, and only
    /// operators that keep zeros zero.
    func elementWiseLayout(keepsZeros: Bool) -> Layout {
        guard keepsZeros, outputShape.count > 1 else { return .standard }
        var found = Layout.standard
        for (type, layout) in zip(inputs, inputLayouts) {
            guard type.shape == outputShape || type.shape.count == 1 else { return .standard }
            if type.shape == outputShape, case .weights = layout, found == .standard {
                found = layout
            }
        }
        return found
    }

    /// Elements in memory of a tensor of the output's shape in a layout, padding included.
    func elementCount(_ layout: Layout) -> Int {
        switch layout {
        case .standard, .bfloat16, .bytes, .prepared: outputShape.count
        case .weights(let layout): layout.byteCount / MemoryLayout<Float>.stride
        }
    }

    /// Whether an input lies in bfloat16.
    func isHalf(_ input: Int) -> Bool { inputLayouts[input] == .bfloat16 }

    /// What the bytes of an input are worth, nil where it is not to be read as bytes.
    func scale(ofInput input: Int) -> ByteScale? {
        // What lies in bytes already is read as it lies.
        if case .bytes(let scale) = inputLayouts[input] { return scale }
        return bytes?.scale(of: node.inputs[input])
    }

    /// What the bytes of the result are worth, nil where it is not to be written as bytes.
    var outputScale: ByteScale? { bytes?.scale(of: node.output()) }

    /// The layout for inputs of the output's shape, standard for others.
    func inputLayouts(_ layout: Layout) -> [Layout] {
        inputs.map { $0.shape == outputShape ? layout : .standard }
    }
}
