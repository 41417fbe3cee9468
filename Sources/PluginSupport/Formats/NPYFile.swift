import Foundation

/// A two-dimensional array in NumPy's NPY format, versions 1 to 3.
///
/// - Reference: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
package struct NPYFile {
    /// Element types that hold one channel of a picture.
    package enum Element: String {
        case float64 = "f8"
        case float32 = "f4"
        case float16 = "f2"
        case unsigned8 = "u1"
        case unsigned16 = "u2"
        case unsigned32 = "u4"
        case signed16 = "i2"
        case signed32 = "i4"

        package var byteCount: Int { Int(rawValue.suffix(1)) ?? 0 }
        package var isFloat: Bool { rawValue.hasPrefix("f") }
    }

    package static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

    package let element: Element
    package let isBigEndian: Bool
    package let height: Int, width: Int
    private let bytes: [UInt8]
    private let dataOffset: Int

    /// Reads the header and checks that all the data is there.
    ///
    /// - Throws: `file.truncated`, `file.corrupt`, `npy.fortran_order`, `npy.element`, `npy.shape`,
    ///   `file.size`.
    package init(_ file: SampleFile) throws {
        let bytes = file.bytes
        guard bytes.count >= 12 else { throw Self.truncated }
        let major = bytes[6]
        guard (1...3).contains(major) else {
            throw PluginFailure(
                "file.corrupt", "NPY version \(major) is not known, expected 1 to 3")
        }
        let wide = major > 1
        var length = Int(bytes[8]) | Int(bytes[9]) << 8
        if wide { length |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24 }
        let start = wide ? 12 : 10
        guard length <= 65_536 else {
            throw PluginFailure("file.corrupt", "its NPY header claims \(length) bytes")
        }
        guard start + length <= bytes.count else { throw Self.truncated }
        let header = String(decoding: bytes[start..<start + length], as: UTF8.self)
        guard Self.value(of: "fortran_order", in: header)?.hasPrefix("False") == true else {
            throw PluginFailure(
                "npy.fortran_order",
                "its array is in Fortran order (or does not say): save it with "
                    + "`numpy.ascontiguousarray`")
        }
        let description = Self.value(of: "descr", in: header).flatMap(Self.quoted)
        guard let description, let element = Element(rawValue: String(description.dropFirst()))
        else {
            throw PluginFailure(
                "npy.element",
                "its elements are `\(description ?? "structured")`, expected f2, f4, f8, u1, u2, "
                    + "u4, i2 or i4")
        }
        (height, width) = try Self.picture(Self.value(of: "shape", in: header) ?? "")
        try SampleFile.check(width: width, height: height)
        self.element = element
        isBigEndian = description.hasPrefix(">")
        self.bytes = bytes
        dataOffset = start + length
        guard bytes.count - dataOffset >= height * width * element.byteCount else {
            throw Self.truncated
        }
    }

    /// Every element as a double, row by row.
    package func visit(_ body: (Int, Double) -> Void) {
        bytes.withUnsafeBytes { all in
            let data = UnsafeRawBufferPointer(rebasing: all[dataOffset...])
            func walk<Bits: FixedWidthInteger>(_: Bits.Type, _ convert: (Bits) -> Double) {
                for index in 0..<height * width {
                    let raw = data.loadUnaligned(
                        fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
                    body(
                        index, convert(isBigEndian ? Bits(bigEndian: raw) : Bits(littleEndian: raw))
                    )
                }
            }
            switch element {
            case .float64: walk(UInt64.self) { Double(bitPattern: $0) }
            case .float32: walk(UInt32.self) { Double(Float(bitPattern: $0)) }
            case .float16: walk(UInt16.self, halfPrecision)
            case .unsigned8: walk(UInt8.self) { Double($0) }
            case .unsigned16: walk(UInt16.self) { Double($0) }
            case .unsigned32: walk(UInt32.self) { Double($0) }
            case .signed16: walk(Int16.self) { Double($0) }
            case .signed32: walk(Int32.self) { Double($0) }
            }
        }
    }

    private static let truncated = PluginFailure(
        "file.truncated", "the file ends before its array does")

    /// What stands behind `'key':` in the header's dictionary.
    private static func value(of key: String, in header: String) -> Substring? {
        for quote in ["'", "\""] {
            guard let found = header.range(of: "\(quote)\(key)\(quote)") else { continue }
            let rest = header[found.upperBound...].drop { $0 == " " }
            guard rest.first == ":" else { return nil }
            return rest.dropFirst().drop { $0 == " " }
        }
        return nil
    }

    private static func quoted(_ text: Substring) -> String? {
        guard let quote = text.first, quote == "'" || quote == "\"" else { return nil }
        return String(text.dropFirst().prefix { $0 != quote })
    }

    /// Height and width of a shape, axes of length 1 at either end ignored.
    private static func picture(_ text: Substring) throws -> (Int, Int) {
        let inner = text.dropFirst().prefix { $0 != ")" }
        var axes = inner.split(separator: ",").map {
            Int($0.filter { $0 != " " && $0 != "L" }) ?? 0
        }
        if axes.count == 3, axes.first == 1 {
            axes.removeFirst()
        } else if axes.count == 3, axes.last == 1 {
            axes.removeLast()
        }
        guard text.first == "(", axes.count == 2 else {
            throw PluginFailure(
                "npy.shape", "its shape is (\(inner)), expected (height, width) of one channel")
        }
        return (axes[0], axes[1])
    }
}

/// The value of an IEEE 754 half-precision number.
private func halfPrecision(_ bits: UInt16) -> Double {
    let exponent = Int(bits >> 10 & 31)
    let fraction = Double(bits & 1023)
    let sign = bits >> 15 == 0 ? 1.0 : -1.0
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction / 1024) * pow(2, Double(exponent - 15))
    }
}
