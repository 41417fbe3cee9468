import CKernels
import COneDNN
import Graphs
import Tensors

/// One state's memory, in whatever layout the plan that trains it wants.
final class StateBuffer {
    let shape: Shape
    let role: StateDeclaration.Role
    /// Never bfloat16: states are float32.
    private(set) var layout: Layout = .standard
    private(set) var memory: AlignedMemory
    /// Counts changes of the values.
    var version = 0
    /// Whether a training plan has settled the layout.
    var isClaimed = false

    init(_ declaration: StateDeclaration) throws {
        shape = declaration.shape
        role = declaration.role
        memory = try AlignedMemory(byteCount: shape.count * MemoryLayout<Float>.stride)
    }

    /// The values in row-major order.
    func read(_ engine: Engine) throws -> Tensor<Float> {
        var result = Tensor<Float>(shape: shape, repeating: 0)
        try result.values.withUnsafeMutableBufferPointer { values in
            guard let base = values.baseAddress, shape.count > 0 else { return }
            switch layout {
            case .standard, .bfloat16, .bytes, .prepared:
                var grid = PhysicalCopy.toRowMajor(shape)
                distill_copy(&grid, base, memory.floats)
            case .weights(let layout):
                let plain = try WeightLayout.plain(DISTILL_ROW_MAJOR, layout.geometry)
                try reorder(engine, from: layout, at: memory.address, to: plain, at: base)
            }
        }
        return result
    }

    /// Replaces the values by others in row-major order.
    func write(_ values: [Float], _ engine: Engine) throws {
        precondition(values.count == shape.count)
        try values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress, shape.count > 0 else { return }
            switch layout {
            case .standard, .bfloat16, .bytes, .prepared:
                var grid = PhysicalCopy.fromRowMajor(shape)
                distill_copy(&grid, memory.floats, base)
            case .weights(let layout):
                let plain = try WeightLayout.plain(DISTILL_ROW_MAJOR, layout.geometry)
                try reorder(engine, from: plain, at: base, to: layout, at: memory.address)
            }
        }
        version += 1
    }

    /// Moves the values into another layout, which becomes the state's.
    func adopt(_ wanted: Layout, _ engine: Engine) throws {
        guard wanted != layout else { return }
        let values = try read(engine).values
        if case .weights(let blocks) = wanted {
            memory = try AlignedMemory(byteCount: blocks.byteCount)
        } else {
            memory = try AlignedMemory(byteCount: shape.count * MemoryLayout<Float>.stride)
        }
        layout = wanted
        try write(values, engine)
    }

    private func reorder(
        _ engine: Engine, from: WeightLayout, at source: UnsafeRawPointer, to: WeightLayout,
        at target: UnsafeMutableRawPointer
    ) throws {
        let reorder = try WeightReorder(engine, from: from, to: to)
        let scratch = try AlignedMemory(byteCount: reorder.scratchBytes)
        try reorder.run(from: source, to: target, scratch: scratch.address)
    }
}
