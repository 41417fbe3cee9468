import CKernels
import Tensors

/// The memory of one input of a plan.
final class PlanInput {
    let name: String
    let shape: Shape
    let memory: AlignedMemory
    private(set) var isFed = false
    /// Whether any step reads it.
    var isRead = false
    private var copy: distill_grid

    init(_ name: String, _ shape: Shape) throws {
        self.name = name
        self.shape = shape
        memory = try AlignedMemory(byteCount: shape.count * MemoryLayout<Float>.stride)
        copy = PhysicalCopy.fromRowMajor(shape)
    }

    func feed(_ values: UnsafeBufferPointer<Float>) throws {
        guard values.count == shape.count else {
            throw ExecutionError(
                .shape, name: name,
                "the input has shape \(shape) (\(shape.count) values), it was fed \(values.count)")
        }
        if let base = values.baseAddress, shape.count > 0 {
            distill_copy(&copy, memory.floats, base)
        }
        isFed = true
    }
}

/// An output in row-major order: in place, or in a copy where four axes lie channels-last.
final class PlanResult {
    private let count: Int
    private let memory: AlignedMemory?
    private var copy: distill_grid

    init(_ shape: Shape) throws {
        count = shape.count
        copy = PhysicalCopy.toRowMajor(shape)
        memory =
            shape.isPhysicallyRowMajor
            ? nil : try AlignedMemory(byteCount: shape.count * MemoryLayout<Float>.stride)
    }

    func rowMajor(_ address: UnsafeMutablePointer<Float>) -> UnsafeBufferPointer<Float> {
        guard let memory, count > 0 else {
            return UnsafeBufferPointer(start: address, count: count)
        }
        distill_copy(&copy, memory.floats, address)
        return UnsafeBufferPointer(start: memory.floats, count: count)
    }
}
