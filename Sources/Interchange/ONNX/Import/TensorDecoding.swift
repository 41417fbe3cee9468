import Foundation
import Tensors

/// Turns ONNX tensors into numbers, believing none of their claims.
struct TensorDecoding: Sendable {
    /// Where external data may lie; nil refuses it.
    let folder: URL?

    func decode(_ proto: Onnx_TensorProto, node: String? = nil) throws -> KnownTensor {
        let name = node ?? proto.name
        let element = try ElementType(onnx: proto.dataType, node: name)
        let shape = try CheckedExtents.shape(proto.dims, node: name)
        guard !proto.hasSegment else {
            throw InterchangeError(.unsupported, node: name, "tensors in segments are not read")
        }
        if proto.dataLocation == .external {
            let size = shape.count * element.byteCount
            let bytes = try ExternalData(proto, node: name).bytes(count: size, in: folder)
            return packed(bytes, element, shape)
        }
        if proto.hasRawData {
            let needed = shape.count * element.byteCount
            guard proto.rawData.count == needed else {
                throw InterchangeError(
                    .malformed, node: name,
                    "\(element.rawValue)\(shape) takes \(needed) bytes, the file holds "
                        + "\(proto.rawData.count)")
            }
            return packed(proto.rawData, element, shape)
        }
        return try fields(proto, element, shape, name)
    }

    private func packed(_ bytes: Data, _ element: ElementType, _ shape: Shape) -> KnownTensor {
        switch element {
        case .float32, .float16, .bfloat16:
            let values = ByteLayout.floats(bytes, element, count: shape.count)
            return KnownTensor(shape: shape, element: element, storage: .floats(values))
        default:
            let values = ByteLayout.doubles(bytes, element, count: shape.count)
            return KnownTensor(shape: shape, element: element, storage: .doubles(values))
        }
    }

    /// Values in the typed fields rather than as raw bytes.
    private func fields(
        _ proto: Onnx_TensorProto, _ element: ElementType, _ shape: Shape, _ name: String
    ) throws -> KnownTensor {
        let storage: KnownTensor.Storage
        let found: Int
        switch element {
        case .float32:
            (storage, found) = (.floats(proto.floatData), proto.floatData.count)
        case .float16:
            let bits = proto.int32Data.map { UInt16(truncatingIfNeeded: $0) }
            (storage, found) = (.floats(bits.map(ByteLayout.float(half:))), bits.count)
        case .bfloat16:
            let bits = proto.int32Data.map { UInt32(truncatingIfNeeded: $0) << 16 }
            (storage, found) = (.floats(bits.map { Float(bitPattern: $0) }), bits.count)
        case .float64:
            (storage, found) = (.doubles(proto.doubleData), proto.doubleData.count)
        case .int64:
            (storage, found) = (.doubles(proto.int64Data.map { Double($0) }), proto.int64Data.count)
        case .uint64, .uint32:
            (storage, found) = (
                .doubles(proto.uint64Data.map { Double($0) }), proto.uint64Data.count
            )
        case .int32, .int16, .int8, .uint16, .uint8, .bool:
            (storage, found) = (.doubles(proto.int32Data.map { Double($0) }), proto.int32Data.count)
        }
        guard found == shape.count else {
            throw InterchangeError(
                .malformed, node: name,
                "\(element.rawValue)\(shape) has \(shape.count) elements, the file holds \(found)")
        }
        return KnownTensor(shape: shape, element: element, storage: storage)
    }
}

extension ElementType {
    private static let byNumber: [Int32: ElementType] = [
        1: .float32, 2: .uint8, 3: .int8, 4: .uint16, 5: .int16, 6: .int32, 7: .int64, 9: .bool,
        10: .float16, 11: .float64, 12: .uint32, 13: .uint64, 16: .bfloat16,
    ]

    /// The type that an ONNX `TensorProto.DataType` number stands for.
    ///
    /// - Throws: `InterchangeError.unsupported` for strings, complex and sub-byte types.
    init(onnx number: Int32, node: String) throws {
        guard let element = ElementType.byNumber[number] else {
            let name = Onnx_TensorProto.DataType(rawValue: Int(number)).map { "\($0)" }
            throw InterchangeError(
                .unsupported, node: node,
                "element type \(name ?? String(number)) is not supported",
                hint: "use one of \(ElementType.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = element
    }

    /// The ONNX `TensorProto.DataType` number.
    var onnx: Int32 {
        ElementType.byNumber.first { $0.value == self }?.key ?? 0
    }
}
