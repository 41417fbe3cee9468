import Graphs
import Tensors

/// An ONNX value during import: what is known about it and where it stands in the graph.
struct Operand {
    enum Origin {
        /// Fed by the caller.
        case input
        /// A tensor of the file under its name: floats become states.
        case initializer(String)
        case computed
    }

    let shape: Shape
    /// The type in the file.
    let element: ElementType
    var origin = Origin.computed
    /// Its values, where they do not depend on what is fed.
    var known: KnownTensor?
    /// What the values would be if the batch were one larger; nil where they would be the same.
    var widened: KnownTensor?
    /// Values that the caller gave for an input; used only where an operator needs them at import.
    var offered: KnownTensor?
    /// Its place in the graph, once it has one.
    var value: Value?
    /// Whether it depends on an input, so that its first axis may be the batch.
    var isFed = false

    init(_ known: KnownTensor, origin: Origin = .computed) {
        shape = known.shape
        element = known.element
        self.known = known
        self.origin = origin
    }

    init(shape: Shape, element: ElementType, value: Value?, isFed: Bool) {
        self.shape = shape
        self.element = element
        self.value = value
        self.isFed = isFed
    }

    /// The same without what it would be for another batch.
    var forThisBatch: Operand {
        var copy = self
        copy.widened = nil
        return copy
    }

    /// Whether it stays a state of the model rather than being folded into constants.
    var isParameter: Bool {
        guard case .initializer = origin, element.isFloatingPoint, element != .float64 else {
            return false
        }
        return shape.count > 1
    }
}
