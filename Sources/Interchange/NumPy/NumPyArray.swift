package import Tensors

/// An array with the element type that it has in its file.
///
/// The values are carried in float64: exact for every type but 64-bit integers beyond 2^53.
package struct NumPyArray: Sendable, Equatable {
    package var values: Tensor<Double>
    package var element: ElementType

    package init(_ values: Tensor<Double>, element: ElementType) {
        self.values = values
        self.element = element
    }

    /// The values in float32.
    package var floats: Tensor<Float> { values.map { Float($0) } }
    package var shape: Shape { values.shape }
}
