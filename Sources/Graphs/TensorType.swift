package import Tensors

/// What flows along an edge of a graph: a shape and an element type.
package struct TensorType: Sendable, Hashable, Codable {
    package var shape: Shape
    package var element: ElementType

    package init(_ shape: Shape, _ element: ElementType = .float32) {
        self.shape = shape
        self.element = element
    }
}

extension TensorType: CustomStringConvertible {
    package var description: String {
        element == .float32 ? "\(shape)" : "\(element.rawValue)\(shape)"
    }
}
