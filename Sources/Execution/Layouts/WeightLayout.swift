import COneDNN

/// How a value lies in memory.
enum Layout: Equatable {
    /// Channels-last for four axes, row-major for others.
    case standard
    /// The same order in bfloat16: activations and their gradients under mixed precision.
    case bfloat16
    /// What a convolution wants of its weights.
    case weights(WeightLayout)
    /// The same order in bytes: images of quantised inference.
    case bytes(ByteScale)
    /// Weights in a form that one kernel alone reads.
    case prepared(WeightForm)
}

/// An opaque order of a convolution's weights, in blocks that suit the processor.
///
/// Element-wise kernels may run over all of its bytes as long as they keep zeros zero, because blocks may be
/// padded with zeros.
final class WeightLayout: Equatable {
    let handle: OpaquePointer
    let geometry: distill_convolution_shape

    /// Takes the layout over.
    private init(owning handle: OpaquePointer, _ geometry: distill_convolution_shape) {
        self.handle = handle
        self.geometry = geometry
    }

    init(copying handle: OpaquePointer, _ geometry: distill_convolution_shape) throws {
        guard let copy = distill_layout_copy(handle) else {
            throw ExecutionError(.outOfMemory, "no memory for a layout")
        }
        self.handle = copy
        self.geometry = geometry
    }

    /// Weights as people see them, or channels-last as plans store whatever has four axes.
    static func plain(
        _ order: distill_plain_layout, _ geometry: distill_convolution_shape
    ) throws -> WeightLayout {
        var handle: OpaquePointer?
        let status = withUnsafePointer(to: geometry) {
            distill_layout_plain(&handle, $0, Int32(order.rawValue))
        }
        guard status == 0, let handle else {
            throw Engine.failure(status, "weights cannot be described")
        }
        return WeightLayout(owning: handle, geometry)
    }

    /// Channels-last in signed bytes.
    static func plainBytes(_ geometry: distill_convolution_shape) throws -> WeightLayout {
        var handle: OpaquePointer?
        let status = withUnsafePointer(to: geometry) {
            distill_layout_plain_bytes(&handle, $0)
        }
        guard status == 0, let handle else {
            throw Engine.failure(status, "weights cannot be described")
        }
        return WeightLayout(owning: handle, geometry)
    }

    deinit { distill_layout_destroy(handle) }

    var byteCount: Int { distill_layout_size(handle) }

    static func == (left: WeightLayout, right: WeightLayout) -> Bool {
        distill_layout_equal(left.handle, right.handle) != 0
    }
}

/// Moves weights between layouts.
final class WeightReorder {
    private let handle: OpaquePointer
    private let engine: Engine
    let scratchBytes: Int

    init(_ engine: Engine, from: WeightLayout, to: WeightLayout) throws {
        var handle: OpaquePointer?
        let status = distill_reorder_create(&handle, engine.handle, from.handle, to.handle)
        guard status == 0, let handle else {
            throw Engine.failure(status, "weights cannot be reordered")
        }
        self.handle = handle
        self.engine = engine
        scratchBytes = distill_reorder_scratch(handle)
    }

    deinit { distill_reorder_destroy(handle) }

    func run(
        from: UnsafeRawPointer, to: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer
    ) throws {
        let status = distill_reorder_run(handle, from, to, scratch)
        guard status == 0 else { throw Engine.failure(status, "reordering weights failed") }
    }
}
