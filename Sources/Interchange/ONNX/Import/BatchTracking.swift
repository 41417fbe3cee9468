import Graphs
import Tensors

/// Follows the batch through an import, so that the graph can be bound to other batches afterwards.
///
/// Exporters compute shapes from the batch with the model's own operators. Beside each type stands the one
/// that a batch larger by one would give: extents that differ follow the batch, all others do not.
struct BatchTracking {
    /// The types that differ.
    private(set) var types: [Value: TensorType] = [:]
    /// An input whose first axis is the batch.
    private(set) var reference: Value?
    private(set) var size = 0
    /// Whether the file itself leaves the batch open.
    private(set) var isOpen = false
    /// The node that holds for this batch alone, nil as long as there is none.
    private(set) var fixedBy: String?

    mutating func declare(_ value: Value, _ shape: Shape, isOpen: Bool) {
        var widened = shape
        widened[0] += 1
        types[value] = TensorType(widened)
        guard reference == nil else { return }
        reference = value
        size = shape[0]
        self.isOpen = isOpen
    }

    mutating func fix(at node: String) {
        if fixedBy == nil { fixedBy = node }
    }

    mutating func follow(_ node: Node, in graph: Graph) {
        guard node.inputs.contains(where: { types[$0] != nil }) else { return }
        do {
            let widened = try node.operation.infer(
                node.inputs.map { types[$0] ?? graph.type(of: $0) })
            for (index, type) in widened.enumerated() where type != node.outputs[index] {
                types[node.output(index)] = type
            }
        } catch {
            fix(at: node.name)
        }
    }

    /// How many times the batch an extent is, nil where it is something else.
    func times(_ extent: Int, _ widened: Int) -> Int? {
        let times = widened - extent
        return reference != nil && times > 0
            && times.multipliedReportingOverflow(by: size) == (extent, false)
            ? times : nil
    }

}

/// A constant that follows the batch: along one axis every sample's part is the one before plus a step.
struct BatchConstant {
    /// The first sample's part: of extent 1 along the axis, or of what each sample has there.
    let seed: Tensor<Double>
    let step: Double
    /// The axis along which samples lie, where there is a step.
    let axis: Int
    let extents: [BroadcastExtent]

    /// Finds the rule from the values for two batches; nil where there is none.
    init?(_ now: KnownTensor, _ widened: KnownTensor, _ batch: BatchTracking) {
        let shape = now.shape
        guard shape.rank == widened.shape.rank, widened.count > 0, now.count <= 1 << 24 else {
            return nil
        }
        var single = shape
        var extents = [BroadcastExtent](repeating: .keep, count: shape.rank)
        var axes: [Int] = []
        for axis in shape.dimensions.indices where shape[axis] != widened.shape[axis] {
            guard let times = batch.times(shape[axis], widened.shape[axis]) else { return nil }
            single[axis] = 1
            extents[axis] = .batch(times: times)
            axes.append(axis)
        }
        self.extents = extents
        axis = axes.first ?? 0
        if case .fill(let value) = now.storage, case .fill(value) = widened.storage {
            seed = Tensor(shape: single, repeating: value)
            step = 0
            return
        }
        let all = widened.doubles
        if axes.count == 1, let period = BatchConstant.period(of: all, along: axis, extents[axis]),
            BatchConstant.repeats(period, now.doubles, axis)
        {
            (seed, step) = (period, 0)
            return
        }
        let map = Broadcasting(single, to: widened.shape)
        var first = Tensor(shape: single, repeating: 0.0)
        for index in all.values.indices.reversed() {
            first.values[map.source(of: index)] = all.values[index]
        }
        seed = first
        let stride = axes.isEmpty ? 1 : widened.shape.strides[axis]
        let isOnly = axes.count == 1 && extents[axis] == .batch(times: 1)
        step = isOnly && widened.shape[axis] > 1 ? all.values[stride] - all.values[0] : 0
        guard isFollowed(by: all), isFollowed(by: now.doubles) else { return nil }
    }

    /// What every sample has, where that is more than one row and the same for each.
    private static func period(
        of tensor: Tensor<Double>, along axis: Int, _ extent: BroadcastExtent
    ) -> Tensor<Double>? {
        guard case .batch(let times) = extent, times > 1 else { return nil }
        let (outer, length, inner) = tensor.shape.split(at: axis)
        var shape = tensor.shape
        shape[axis] = times
        var values: [Double] = []
        values.reserveCapacity(shape.count)
        for block in 0..<outer {
            let start = block * length * inner
            values += tensor.values[start..<(start + times * inner)]
        }
        let period = Tensor(shape: shape, values: values)
        return repeats(period, tensor, axis) ? period : nil
    }

    private static func repeats(
        _ period: Tensor<Double>, _ tensor: Tensor<Double>, _ axis: Int
    ) -> Bool {
        let (_, length, inner) = tensor.shape.split(at: axis)
        let times = period.shape[axis]
        return tensor.values.indices.allSatisfy { index in
            let row = index / inner % length % times
            let block = index / (length * inner)
            return tensor.values[index]
                == period.values[(block * times + row) * inner + index % inner]
        }
    }

    private func isFollowed(by tensor: Tensor<Double>) -> Bool {
        guard tensor.count > 0 else { return true }
        let map = Broadcasting(seed.shape, to: tensor.shape)
        let stride = tensor.shape.rank > 0 ? tensor.shape.strides[axis] : 1
        return tensor.values.indices.allSatisfy { index in
            let sample = step == 0 ? 0 : index / stride % tensor.shape[axis]
            return tensor.values[index] == seed.values[map.source(of: index)] + step
                * Double(sample)
        }
    }
}

extension Operand {
    /// Whether both are known to be the same numbers in the same shape.
    func isSame(as other: Operand) -> Bool {
        guard let known, let values = other.known, known.shape == values.shape else { return false }
        if case .fill(let a) = known.storage, case .fill(let b) = values.storage { return a == b }
        return known.doubles == values.doubles
    }
}
