package import Graphs
package import Tensors

/// Rounds every element to what a type can hold: what ONNX calls Cast.
///
/// Floats round to nearest, ties to even. Integers are cut towards zero and wrap around; booleans are
/// whatever is not zero.
package struct Conversion: Operator {
    package static let kind = "Conversion"
    package let element: ElementType

    package init(to element: ElementType) { self.element = element }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("to", .text(element.rawValue))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] { [inputs[0]] }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] { [inputs[0].map(apply)] }

    private func apply(_ x: Double) -> Double {
        switch element {
        case .float64: x
        case .float32: Double(Float(x))
        case .float16: Double(Float16(x))
        case .bfloat16: Double(Float(bitPattern: UInt32(ByteLayout.bfloat16(Float(x))) << 16))
        case .bool: x == 0 ? 0 : 1
        case .int64: x.rounded(.towardZero)
        case .uint64: x < 0 ? x.rounded(.towardZero) + 0x1p64 : x.rounded(.towardZero)
        case .int32: wrapped(x) { Double(Int32(truncatingIfNeeded: $0)) }
        case .int16: wrapped(x) { Double(Int16(truncatingIfNeeded: $0)) }
        case .int8: wrapped(x) { Double(Int8(truncatingIfNeeded: $0)) }
        case .uint32: wrapped(x) { Double(UInt32(truncatingIfNeeded: $0)) }
        case .uint16: wrapped(x) { Double(UInt16(truncatingIfNeeded: $0)) }
        case .uint8: wrapped(x) { Double(UInt8(truncatingIfNeeded: $0)) }
        }
    }

    private func wrapped(_ x: Double, _ convert: (Int64) -> Double) -> Double {
        convert(Int64(limiting: x))
    }
}
