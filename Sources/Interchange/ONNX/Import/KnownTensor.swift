import Tensors

/// A tensor whose values are known while a model is imported: an initializer or a folded constant.
struct KnownTensor: Sendable {
    enum Storage: Sendable {
        case floats([Float])
        case doubles([Double])
        /// The same value everywhere, however large: nothing is allocated.
        case fill(Double)
    }

    let shape: Shape
    let element: ElementType
    let storage: Storage

    init(shape: Shape, element: ElementType, storage: Storage) {
        self.shape = shape
        self.element = element
        self.storage = storage
    }

    init(_ tensor: Tensor<Double>, element: ElementType) {
        self.init(shape: tensor.shape, element: element, storage: .doubles(tensor.values))
    }

    init(integers: [Int], element: ElementType = .int64) {
        self.init(
            Tensor(shape: [integers.count], values: integers.map(Double.init)), element: element)
    }

    var count: Int { shape.count }

    var doubles: Tensor<Double> {
        switch storage {
        case .floats(let values): Tensor(shape: shape, values: values.map(Double.init))
        case .doubles(let values): Tensor(shape: shape, values: values)
        case .fill(let value): Tensor(shape: shape, repeating: value)
        }
    }

    var floats: Tensor<Float> {
        switch storage {
        case .floats(let values): Tensor(shape: shape, values: values)
        case .doubles(let values): Tensor(shape: shape, values: values.map { Float($0) })
        case .fill(let value): Tensor(shape: shape, repeating: Float(value))
        }
    }

    /// The values as whole numbers, clamped into the range of `Int`.
    var integers: [Int] { doubles.values.map { Int(limiting: $0) } }
}
