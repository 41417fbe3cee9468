package import Tensors

/// One tensor of a safetensors file: what its header says.
package struct SafeTensorsEntry: Sendable, Hashable {
    package let name: String
    package let element: ElementType
    package let shape: Shape
    /// Bytes within the data that follows the header.
    package let range: Range<Int>
}

extension ElementType {
    /// The name in a safetensors header, such as `F32`.
    var safeTensorsName: String {
        switch self {
        case .float64: "F64"
        case .float32: "F32"
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .int64: "I64"
        case .int32: "I32"
        case .int16: "I16"
        case .int8: "I8"
        case .uint64: "U64"
        case .uint32: "U32"
        case .uint16: "U16"
        case .uint8: "U8"
        case .bool: "BOOL"
        }
    }

    init?(safeTensorsName name: String) {
        guard let element = ElementType.allCases.first(where: { $0.safeTensorsName == name }) else {
            return nil
        }
        self = element
    }
}
