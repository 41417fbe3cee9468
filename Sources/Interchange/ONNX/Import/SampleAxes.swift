import Graphs
import Tensors

/// Where the values of a graph hold the samples of a batch, and whether any of its nodes lets them meet.
///
/// A file that is written for one sample may take the mean over all axes or flatten everything: with one sample that is
/// right, with two it mixes them. So each value is followed: its samples lie one after another along one axis, each with
/// as many entries. A node of which it is not known that it keeps them apart is one where they meet.
struct SampleAxes {
    /// The axis along which samples lie, and the entries of each there.
    struct Place: Equatable {
        var axis: Int
        var entries: Int
    }

    /// The first node where samples meet, nil if there is none.
    private(set) var meeting: String?

    /// Whether a value has a row for each sample: what is read of a model and compared.
    func hasRows(_ value: Value) -> Bool {
        meeting == nil && place(value) == Place(axis: 0, entries: 1)
    }

    private let graph: Graph
    private let batch: Int
    private var places: [[Place?]] = []

    /// - Parameters:
    ///   - batch: the samples of the graph as it is.
    ///   - inputs: those whose first axis is the batch.
    init(_ graph: Graph, batch: Int, inputs: Set<String>) {
        self.graph = graph
        self.batch = batch
        for node in graph.nodes {
            if let input = node.operation as? Input, inputs.contains(input.name),
                input.type.shape.rank > 0
            {
                places.append([Place(axis: 0, entries: 1)])
                continue
            }
            guard node.inputs.contains(where: { place($0) != nil }) else {
                places.append([Place?](repeating: nil, count: node.outputs.count))
                continue
            }
            guard let place = result(of: node) else {
                meeting = node.name
                return
            }
            places.append([Place?](repeating: place, count: node.outputs.count))
        }
    }

    private func place(_ value: Value) -> Place? { places[value.node][value.output] }

    private func shape(_ value: Value) -> Shape { graph.shape(of: value) }

    /// Where a node's results hold the samples, nil where they may meet.
    private func result(of node: Node) -> Place? {
        switch node.operation {
        case is Unary, is Affine, is Clip, is Rectifier, is StopGradient, is Binary, is Select,
            is Conversion, is Pointwise, is Arithmetic:
            broadcast(node)
        case is Convolution, is FusedConvolution, is SpatialConvolution, is AveragePool,
            is MaximumPool, is WindowPool, is Resize, is BatchNormalizationInference,
            is LocalResponseNormalization:
            alone(node).flatMap { $0.axis == 0 ? $0 : nil }
        case is TriangleMask:
            alone(node).flatMap { $0.axis < shape(node.inputs[0]).rank - 2 ? $0 : nil }
        case let pad as Pad: untouched(node) { pad.before[$0] == 0 && pad.after[$0] == 0 }
        case let pad as BorderPad: untouched(node) { pad.before[$0] == 0 && pad.after[$0] == 0 }
        case let resize as Interpolation: untouched(node) { resize.axes[$0] == nil }
        case let layer as LayerNormalization: beside([layer.axis], node)
        case let softmax as Softmax: beside([softmax.axis], node)
        case let softmax as LogSoftmax: beside([softmax.axis], node)
        case let sum as CumulativeSum: beside([sum.axis], node)
        case let ranking as Ranking: beside([ranking.axis], node)
        case let slice as Slice: beside([slice.axis], node)
        case let slice as StridedSlice: beside([slice.axis], node)
        case let reduce as Reduce: reduced(reduce.axes, reduce.keepDimensions, node)
        case let reduce as GeneralReduction: reduced(reduce.axes, reduce.keepDimensions, node)
        case let search as ArgMax: reduced([search.axis], search.keepDimensions, node)
        case let transpose as Transpose: transposed(transpose, node)
        case let reshape as Reshape: reshaped(reshape, node)
        case is ReshapeLike: reshapedLike(node)
        case let concatenate as Concatenate: joined(concatenate, node)
        case let gather as Gather: gathered(gather, node)
        case let broadcast as BroadcastTo: repeated(broadcast, node)
        case let product as MatrixMultiply: multiplied(product, node)
        default: nil
        }
    }

    /// The place of the first operand where no other one has samples.
    private func alone(_ node: Node) -> Place? {
        node.inputs.dropFirst().allSatisfy { place($0) == nil } ? place(node.inputs[0]) : nil
    }

    /// Element by element: samples must lie alike in all operands that have any.
    private func broadcast(_ node: Node) -> Place? {
        let output = node.outputs[0].shape
        let found = node.inputs.compactMap { input in
            place(input).map {
                Place(axis: $0.axis + output.rank - shape(input).rank, entries: $0.entries)
            }
        }
        guard let first = found.first, output.dimensions.indices.contains(first.axis),
            found.allSatisfy({ $0 == first })
        else { return nil }
        for input in node.inputs {
            let axis = first.axis - (output.rank - shape(input).rank)
            guard axis >= 0 else { continue }
            // What all samples share has no entries of its own along their axis.
            let extent = place(input) == nil ? 1 : output[first.axis]
            guard shape(input)[axis] == extent else { return nil }
        }
        return first
    }

    /// Operators that leave some axes as they are, the samples' one among them.
    private func untouched(_ node: Node, _ leaves: (Int) -> Bool) -> Place? {
        alone(node).flatMap { leaves($0.axis) ? $0 : nil }
    }

    /// Operators along given axes, which must be others.
    private func beside(_ axes: [Int], _ node: Node) -> Place? {
        let rank = shape(node.inputs[0]).rank
        return alone(node).flatMap { place in
            axes.contains { ($0 + rank) % rank == place.axis } ? nil : place
        }
    }

    private func reduced(_ axes: [Int], _ keepsDimensions: Bool, _ node: Node) -> Place? {
        let rank = shape(node.inputs[0]).rank
        guard var place = beside(axes, node) else { return nil }
        if !keepsDimensions {
            place.axis -= Set(axes.map { ($0 + rank) % rank }).count { $0 < place.axis }
        }
        return place
    }

    private func transposed(_ transpose: Transpose, _ node: Node) -> Place? {
        guard let place = alone(node), let axis = transpose.permutation.firstIndex(of: place.axis)
        else { return nil }
        return Place(axis: axis, entries: place.entries)
    }

    /// The extent that follows the batch begins behind as many elements as the samples' axis does.
    private func reshaped(_ reshape: Reshape, _ node: Node) -> Place? {
        guard let place = alone(node) else { return nil }
        let output = node.outputs[0].shape
        let copies = reshape.dimensions.indices.filter {
            reshape.dimensions[$0] == .copy(place.axis)
        }
        let open =
            copies.isEmpty
            ? reshape.dimensions.indices.filter { reshape.dimensions[$0] == .infer } : copies
        let before = shape(node.inputs[0]).dimensions[..<place.axis].reduce(1, *)
        guard open.count == 1, let axis = open.first, output[axis] % batch == 0,
            output.dimensions[..<axis].reduce(1, *) == before
        else { return nil }
        return Place(axis: axis, entries: output[axis] / batch)
    }

    /// Back under the shape of a value whose samples lie behind as many elements.
    private func reshapedLike(_ node: Node) -> Place? {
        guard let own = place(node.inputs[0]), let other = place(node.inputs[1]) else { return nil }
        let before = shape(node.inputs[0]).dimensions[..<own.axis].reduce(1, *)
        let wanted = node.outputs[0].shape.dimensions[..<other.axis].reduce(1, *)
        return before == wanted ? other : nil
    }

    private func joined(_ concatenate: Concatenate, _ node: Node) -> Place? {
        let rank = node.outputs[0].shape.rank
        guard let first = place(node.inputs[0]), (concatenate.axis + rank) % rank != first.axis,
            node.inputs.allSatisfy({ place($0) == first })
        else { return nil }
        return first
    }

    private func gathered(_ gather: Gather, _ node: Node) -> Place? {
        let rank = shape(node.inputs[0]).rank
        let axis = (gather.axis + rank) % rank
        switch (place(node.inputs[0]), place(node.inputs[1])) {
        case (let place?, nil) where place.axis < axis: return place
        case (let place?, nil) where place.axis > axis:
            let added = shape(node.inputs[1]).rank - 1
            return Place(axis: place.axis + added, entries: place.entries)
        case (nil, let place?): return Place(axis: axis + place.axis, entries: place.entries)
        default: return nil
        }
    }

    private func repeated(_ broadcast: BroadcastTo, _ node: Node) -> Place? {
        let following = broadcast.extents.indices.compactMap { axis -> Place? in
            if case .batch(let times) = broadcast.extents[axis] {
                Place(axis: axis, entries: times)
            } else {
                nil
            }
        }
        guard let place = place(node.inputs[0]) else {
            return following.count == 1 ? following[0] : nil
        }
        let axis = place.axis + broadcast.extents.count - shape(node.inputs[0]).rank
        guard following.isEmpty, broadcast.extents[axis] == .keep else { return nil }
        return Place(axis: axis, entries: place.entries)
    }

    private func multiplied(_ product: MatrixMultiply, _ node: Node) -> Place? {
        let (left, right) = (node.inputs[0], node.inputs[1])
        let rank = node.outputs[0].shape.rank
        switch (place(left), place(right)) {
        case (let own?, nil):
            if own.axis < rank - 2 { return shape(right).rank == 2 ? own : nil }
            let rows = product.transposeLeft ? rank - 1 : rank - 2
            return own.axis == rows ? Place(axis: rank - 2, entries: own.entries) : nil
        case (nil, let own?):
            let columns = shape(right).rank - (product.transposeRight ? 2 : 1)
            return own.axis == columns ? Place(axis: rank - 1, entries: own.entries) : nil
        case (let own?, let other?):
            return own == other && own.axis < rank - 2 && shape(right).rank == rank ? own : nil
        default: return nil
        }
    }
}
