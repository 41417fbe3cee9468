import Foundation
import Tensors

/// Turns packed elements into numbers and back: what ONNX, safetensors and NPY have in common.
enum ByteLayout {
    /// The elements as float64, exact for all types but 64-bit integers beyond 2^53.
    ///
    /// - Precondition: `bytes` holds `count` elements.
    static func doubles(
        _ bytes: Data, _ element: ElementType, count: Int, bigEndian: Bool = false
    ) -> [Double] {
        if element == .float64 {
            return read(bytes, count, UInt64.self, bigEndian) { Double(bitPattern: $0) }
        }
        return switch element {
        case .int64: read(bytes, count, UInt64.self, bigEndian) { Double(Int64(bitPattern: $0)) }
        case .uint64: read(bytes, count, UInt64.self, bigEndian) { Double($0) }
        case .int32: read(bytes, count, UInt32.self, bigEndian) { Double(Int32(bitPattern: $0)) }
        case .uint32: read(bytes, count, UInt32.self, bigEndian) { Double($0) }
        case .int16: read(bytes, count, UInt16.self, bigEndian) { Double(Int16(bitPattern: $0)) }
        case .uint16: read(bytes, count, UInt16.self, bigEndian) { Double($0) }
        case .int8: read(bytes, count, UInt8.self, bigEndian) { Double(Int8(bitPattern: $0)) }
        case .uint8: read(bytes, count, UInt8.self, bigEndian) { Double($0) }
        case .bool: read(bytes, count, UInt8.self, bigEndian) { $0 == 0 ? 0 : 1 }
        default: floats(bytes, element, count: count, bigEndian: bigEndian).map(Double.init)
        }
    }

    /// The elements as float32: exact for the floating-point types of at most 32 bits.
    ///
    /// - Precondition: `bytes` holds `count` elements.
    static func floats(
        _ bytes: Data, _ element: ElementType, count: Int, bigEndian: Bool = false
    ) -> [Float] {
        switch element {
        case .float32: read(bytes, count, UInt32.self, bigEndian) { Float(bitPattern: $0) }
        case .float16: read(bytes, count, UInt16.self, bigEndian) { float(half: $0) }
        case .bfloat16:
            read(bytes, count, UInt16.self, bigEndian) { Float(bitPattern: UInt32($0) << 16) }
        default: doubles(bytes, element, count: count, bigEndian: bigEndian).map { Float($0) }
        }
    }

    /// Packs numbers as little-endian elements: floats rounded to nearest, integers cut and clamped.
    static func bytes(_ values: [Double], _ element: ElementType) -> Data {
        switch element {
        case .float64: write(values) { $0.bitPattern }
        case .float32: write(values) { Float($0).bitPattern }
        case .float16: write(values) { Float16($0).bitPattern }
        case .bfloat16: write(values) { bfloat16(Float($0)) }
        case .int64: write(values) { Int64(limiting: $0) }
        case .int32: write(values) { Int32(limiting: $0) }
        case .int16: write(values) { Int16(limiting: $0) }
        case .int8: write(values) { Int8(limiting: $0) }
        case .uint64: write(values) { UInt64(limiting: $0) }
        case .uint32: write(values) { UInt32(limiting: $0) }
        case .uint16: write(values) { UInt16(limiting: $0) }
        case .uint8: write(values) { UInt8(limiting: $0) }
        case .bool: write(values) { $0 == 0 ? UInt8(0) : 1 }
        }
    }

    static func bytes(_ values: [Float], _ element: ElementType) -> Data {
        switch element {
        case .float32: write(values) { $0.bitPattern }
        case .float16: write(values) { Float16($0).bitPattern }
        case .bfloat16: write(values) { bfloat16($0) }
        default: bytes(values.map(Double.init), element)
        }
    }

    static func float(half: UInt16) -> Float { Float(Float16(bitPattern: half)) }

    /// Rounds to the nearest bfloat16, ties to even; a NaN stays one.
    static func bfloat16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
    }

    private static func read<Bits: FixedWidthInteger, Result>(
        _ bytes: Data, _ count: Int, _ type: Bits.Type, _ bigEndian: Bool,
        _ convert: (Bits) -> Result
    ) -> [Result] {
        let width = MemoryLayout<Bits>.size
        precondition(bytes.count >= count * width, "\(bytes.count) bytes for \(count) elements")
        return bytes.withUnsafeBytes { raw in
            [Result](unsafeUninitializedCapacity: count) { buffer, filled in
                for index in 0..<count {
                    let bits = raw.loadUnaligned(fromByteOffset: index * width, as: Bits.self)
                    buffer.initializeElement(
                        at: index,
                        to: convert(bigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)))
                }
                filled = count
            }
        }
    }

    private static func write<Source, Bits: FixedWidthInteger>(
        _ values: [Source], _ convert: (Source) -> Bits
    ) -> Data {
        let packed = values.map { convert($0).littleEndian }
        return packed.withUnsafeBytes { Data($0) }
    }
}

extension FixedWidthInteger {
    /// The integer part, clamped into the type's range; NaN is 0.
    init(limiting value: Double) {
        let whole = value.rounded(.towardZero)
        if let exact = Self(exactly: whole) {
            self = exact
        } else {
            self = whole.isNaN ? 0 : whole < 0 ? .min : .max
        }
    }
}
