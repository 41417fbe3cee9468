/// A dense array in row-major order with its shape: a value for people, files and tests.
///
/// The engine's own memory lies elsewhere (see `Execution`); a `Tensor` is what goes in and comes out.
package struct Tensor<Element: Sendable>: Sendable {
    package var shape: Shape
    package var values: [Element]

    package init(shape: Shape, values: [Element]) {
        precondition(
            shape.count == values.count, "\(values.count) values do not fill shape \(shape)")
        self.shape = shape
        self.values = values
    }

    package init(shape: Shape, repeating value: Element) {
        self.init(shape: shape, values: [Element](repeating: value, count: shape.count))
    }

    package init(scalar value: Element) {
        self.init(shape: .scalar, values: [value])
    }

    package var count: Int { values.count }

    /// The element at an index for each axis.
    package subscript(_ indices: Int...) -> Element {
        get { values[offset(indices)] }
        set { values[offset(indices)] = newValue }
    }

    /// The same values under another shape of equal count.
    package func reshaped(to shape: Shape) -> Tensor {
        Tensor(shape: shape, values: values)
    }

    package func map<Other>(_ transform: (Element) throws -> Other) rethrows -> Tensor<Other> {
        Tensor<Other>(shape: shape, values: try values.map(transform))
    }

    private func offset(_ indices: [Int]) -> Int {
        precondition(indices.count == shape.rank)
        var offset = 0
        for (axis, index) in indices.enumerated() {
            precondition(index >= 0 && index < shape[axis])
            offset = offset * shape[axis] + index
        }
        return offset
    }
}

extension Tensor: Equatable where Element: Equatable {}
extension Tensor: Hashable where Element: Hashable {}
