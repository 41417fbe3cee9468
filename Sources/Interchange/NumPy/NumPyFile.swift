package import Foundation
import Tensors

/// Reads and writes NPY files.
///
/// Versions 1 to 3; float64/32/16, signed and unsigned integers, bool; both byte orders; column-major
/// arrays are turned into row-major ones. bfloat16, which NPY lacks, is rounded and written as
/// float32; it is read as the two bytes that NumPy makes of it.
package enum NumPyFile {
    private static let magic = Data([0x93]) + Data("NUMPY".utf8)

    package static func read(_ url: URL) throws -> NumPyArray {
        try read(MappedFile.open(url), file: url.path)
    }

    /// - Throws: `InterchangeError` with the file and what is wrong with it.
    package static func read(_ data: Data, file: String = "") throws -> NumPyArray {
        do {
            return try parse(data)
        } catch var error as InterchangeError {
            error.file = file
            throw error
        }
    }

    package static func write(_ array: NumPyArray, to url: URL) throws {
        try AtomicFile.write(encode(array), to: url)
    }

    /// The file's bytes, header and body.
    package static func encode(_ array: NumPyArray) -> [Data] {
        let dimensions = array.shape.dimensions.map(String.init)
        let tuple = dimensions.count == 1 ? "\(dimensions[0])," : dimensions.joined(separator: ", ")
        let descr = NumPyHeader.code(array.element)
        var text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(tuple)), }"
        // The body begins at a multiple of 64 bytes.
        text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
        let length = text.utf8.count
        var header = magic
        header.append(contentsOf: [1, 0, UInt8(length & 0xFF), UInt8(length >> 8 & 0xFF)])
        header.append(contentsOf: text.utf8)
        guard array.element == .bfloat16 else {
            return [header, ByteLayout.bytes(array.values.values, array.element)]
        }
        let rounded = array.values.values.map {
            Float(bitPattern: UInt32(ByteLayout.bfloat16(Float($0))) << 16)
        }
        return [header, ByteLayout.bytes(rounded, .float32)]
    }

    private static func parse(_ data: Data) throws -> NumPyArray {
        let data = data.startIndex == 0 ? data : Data(data)
        guard data.count >= 10, data.prefix(6) == magic else {
            throw InterchangeError(
                .malformed, "does not begin like an NPY file", hint: "save it with numpy.save")
        }
        let version = data[6]
        guard (1...3).contains(version) else {
            throw InterchangeError(
                .unsupported, "NPY version \(version) is unknown; 1 to 3 are read")
        }
        let start = version == 1 ? 10 : 12
        guard data.count >= start else {
            throw InterchangeError(.malformed, "is cut off within its header")
        }
        var length = Int(data[8]) | Int(data[9]) << 8
        if version > 1 { length |= Int(data[10]) << 16 | Int(data[11]) << 24 }
        guard length <= 1 << 16, length <= data.count - start else {
            throw InterchangeError(
                .malformed, "its header claims \(length) bytes, the file has \(data.count)")
        }
        let text = String(decoding: data[start..<start + length], as: UTF8.self)
        let header = try NumPyHeader(text: text)
        let count = try CheckedExtents.count(header.shape)
        let (needed, overflow) = count.multipliedReportingOverflow(by: header.element.byteCount)
        let body = data[(start + length)...]
        guard !overflow, needed == body.count else {
            throw InterchangeError(
                .malformed,
                "shape \(header.shape) of \(header.element.rawValue) needs \(needed) bytes, "
                    + "\(body.count) follow the header")
        }
        let values = ByteLayout.doubles(
            body, header.element, count: count, bigEndian: header.bigEndian)
        let shape = Shape(header.shape)
        let rows = header.columnMajor ? rowMajor(values, shape) : values
        return NumPyArray(Tensor(shape: shape, values: rows), element: header.element)
    }

    private static func rowMajor(_ values: [Double], _ shape: Shape) -> [Double] {
        var strides: [Int] = []
        var step = 1
        for extent in shape.dimensions {
            strides.append(step)
            step *= extent
        }
        return (0..<values.count).map { index in
            var rest = index
            var offset = 0
            for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
                offset += rest % shape[axis] * strides[axis]
                rest /= shape[axis]
            }
            return values[offset]
        }
    }
}
