package import Foundation
package import Tensors

/// Writes named tensors as a safetensors file: equal contents give equal bytes.
package enum SafeTensorsWriter {
    /// Writes atomically: a reader sees all of the file or the former one.
    ///
    /// - Parameters:
    ///   - element: what floats are rounded to, float32 unless said otherwise.
    /// - Throws: `InterchangeError.unwritable`.
    package static func write(
        _ tensors: [String: Tensor<Float>], metadata: [String: String] = [:],
        element: ElementType = .float32, to url: URL
    ) throws {
        try AtomicFile.write(
            try encode(tensors, metadata: metadata, element: element), to: url)
    }

    /// The file's bytes: length and header, then each tensor in the order of their names.
    package static func encode(
        _ tensors: [String: Tensor<Float>], metadata: [String: String] = [:],
        element: ElementType = .float32
    ) throws -> [Data] {
        guard tensors["__metadata__"] == nil else {
            throw InterchangeError(
                .malformed, node: "__metadata__", "no tensor can have this name in safetensors")
        }
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = try metadata.sorted { $0.key < $1.key }
                .map { "\(try quoted($0.key)):\(try quoted($0.value))" }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var chunks: [Data] = []
        var offset = 0
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let bytes = ByteLayout.bytes(tensor.values, element)
            let shape = tensor.shape.dimensions.map(String.init).joined(separator: ",")
            members.append(
                "\(try quoted(name)):{\"dtype\":\"\(element.safeTensorsName)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(offset + bytes.count)]}")
            offset += bytes.count
            chunks.append(bytes)
        }
        var header = Data("{\(members.joined(separator: ","))}".utf8)
        // The tensors begin at a multiple of 8 bytes.
        header.append(contentsOf: [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8))
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
        return [length + header] + chunks
    }

    private static func quoted(_ text: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return String(decoding: try encoder.encode(text), as: UTF8.self)
    }
}
