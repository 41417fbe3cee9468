import Tensors

/// What operators check of their operands, each failure with what was found and what is accepted.
extension Operator {
    func expect(_ inputs: [TensorType], count: Int) throws {
        try expect(inputs, count: count...count)
    }

    func expect(_ inputs: [TensorType], count: ClosedRange<Int>) throws {
        guard count.contains(inputs.count) else {
            let wanted =
                count.lowerBound == count.upperBound
                ? "\(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
            throw GraphError(
                .shape, "\(Self.kind) expects \(wanted) inputs, got \(inputs.count)")
        }
    }

    func expect(_ name: String, _ type: TensorType, rank: ClosedRange<Int>, as form: String) throws
    {
        guard rank.contains(type.shape.rank) else {
            throw GraphError(
                .shape, "\(Self.kind) expects \(name) of shape \(form), got \(type.shape)")
        }
    }

    func expect(_ name: String, _ type: TensorType, shape: Shape) throws {
        guard type.shape == shape else {
            throw GraphError(
                .shape, "\(Self.kind) expects \(name) of shape \(shape), got \(type.shape)")
        }
    }

    /// Checks whole numbers given as attributes, which may come from a file.
    func expectAttribute(_ name: String, _ values: [Int], count: Int, atLeast least: Int) throws {
        guard values.count == count, values.allSatisfy({ $0 >= least && $0 <= Int(Int32.max) })
        else {
            throw GraphError(
                .shape, "\(Self.kind) expects \(name) of \(least) or more, got \(values)")
        }
    }

    /// The axis counted from the front; negative axes count from the end.
    func resolve(_ axis: Int, in shape: Shape) throws -> Int {
        guard axis >= -shape.rank && axis < shape.rank else {
            throw GraphError(
                .shape, "\(Self.kind) has no axis \(axis) in an input of shape \(shape)")
        }
        return axis < 0 ? axis + shape.rank : axis
    }
}

extension Shape {
    /// The axis counted from the front, for axes that `infer` has checked.
    func front(_ axis: Int) -> Int { axis < 0 ? axis + rank : axis }
}

/// A shape seen along one axis: what lies outside, the axis itself, what lies inside.
struct AxisView {
    let outer: Int
    let extent: Int
    let inner: Int

    init(_ shape: Shape, axis: Int) {
        let axis = shape.front(axis)
        outer = shape.dimensions[..<axis].reduce(1, *)
        extent = shape[axis]
        inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    }

    /// Offsets of the elements that differ in the axis alone, for each of the others.
    var lanes: some Sequence<StrideTo<Int>> {
        (0..<outer).lazy.flatMap { [extent, inner] outer in
            (0..<inner).lazy.map { position in
                let start = outer * extent * inner + position
                return stride(from: start, to: start + extent * inner, by: inner)
            }
        }
    }
}
