package import Foundation
import Graphs
package import Tensors

/// Named tensors in a file, mapped into memory and read one by one.
///
/// Layout: 8 bytes with the header's length, a JSON header, the tensors' bytes without gaps.
/// - Reference: huggingface/safetensors, format 0.4.
package struct SafeTensorsFile: Sendable {
    /// In the order of their bytes.
    package let entries: [SafeTensorsEntry]
    package let metadata: [String: String]
    package let file: String
    private let body: Data
    private let byName: [String: Int]

    /// Headers may not be longer, as in the reference implementation.
    private static let headerLimit = 100_000_000

    package init(_ url: URL) throws {
        try self.init(MappedFile.open(url), file: url.path)
    }

    /// - Throws: `InterchangeError` for a header that contradicts itself or the file's length, overlapping or
    ///   missing bytes, unknown element types, duplicates.
    package init(_ data: Data, file: String = "") throws {
        do {
            (entries, metadata, body) = try SafeTensorsFile.parse(data)
        } catch var error as InterchangeError {
            error.file = file
            throw error
        }
        self.file = file
        byName = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
    }

    package func entry(_ name: String) throws -> SafeTensorsEntry {
        guard let index = byName[name] else {
            let near = NearestName.suggestions(for: name, among: entries.map(\.name))
            throw InterchangeError(
                .unknownName, file: file, node: name, "the file has no tensor of this name",
                hint: near.isEmpty ? "" : "did you mean \(near.joined(separator: ", "))?")
        }
        return entries[index]
    }

    /// A tensor in float32.
    package func floats(_ name: String) throws -> Tensor<Float> {
        let entry = try entry(name)
        return Tensor(
            shape: entry.shape,
            values: ByteLayout.floats(bytes(entry), entry.element, count: entry.shape.count))
    }

    /// A tensor in float64, exact for all types but 64-bit integers beyond 2^53.
    package func doubles(_ name: String) throws -> Tensor<Double> {
        let entry = try entry(name)
        return Tensor(
            shape: entry.shape,
            values: ByteLayout.doubles(bytes(entry), entry.element, count: entry.shape.count))
    }

    private func bytes(_ entry: SafeTensorsEntry) -> Data {
        body[
            (body.startIndex + entry.range.lowerBound)..<(body.startIndex + entry.range.upperBound)]
    }

    // MARK: Header

    private static func parse(
        _ data: Data
    ) throws -> ([SafeTensorsEntry], [String: String], Data) {
        guard data.count >= 8 else {
            throw InterchangeError(
                .malformed, "\(data.count) bytes are too few for a safetensors file")
        }
        let claimed = data.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
        }
        guard claimed <= headerLimit, Int(claimed) <= data.count - 8 else {
            throw InterchangeError(
                .malformed,
                "its first 8 bytes claim a header of \(claimed) bytes, the file has \(data.count)",
                hint: "check that it is a safetensors file and complete")
        }
        let start = data.startIndex + 8
        let end = start + Int(claimed)
        var scanner = HeaderScanner(data[start..<end])
        let (described, metadata) = try scanner.header()
        let body = data[end...]
        let entries = try described.map { try entry($0, $1, available: body.count) }
            .sorted { ($0.range.lowerBound, $0.name) < ($1.range.lowerBound, $1.name) }
        var covered = 0
        for entry in entries {
            guard entry.range.lowerBound == covered else {
                throw InterchangeError(
                    .malformed, node: entry.name,
                    "begins at byte \(entry.range.lowerBound) where \(covered) is expected: tensors "
                        + "may neither overlap nor leave gaps")
            }
            covered = entry.range.upperBound
        }
        guard covered == body.count else {
            throw InterchangeError(
                .malformed, "\(body.count) bytes follow the header, its tensors take \(covered)")
        }
        return (entries, metadata, body)
    }

    private static func entry(
        _ name: String, _ description: HeaderScanner.Description, available: Int
    ) throws -> SafeTensorsEntry {
        guard let dtype = description.dtype, let dimensions = description.shape,
            let offsets = description.offsets, offsets.count == 2
        else {
            throw InterchangeError(
                .malformed, node: name, "needs dtype, shape and two data_offsets")
        }
        guard let element = ElementType(safeTensorsName: dtype) else {
            throw InterchangeError(
                .unsupported, node: name, "element type \(dtype) is not understood",
                hint: "convert it to F32, F16 or BF16")
        }
        let count = try CheckedExtents.count(dimensions, node: name)
        guard offsets[0] <= offsets[1], offsets[1] <= available else {
            throw InterchangeError(
                .malformed, node: name,
                "bytes \(offsets[0]) to \(offsets[1]) lie outside of the \(available) in the file")
        }
        guard offsets[1] - offsets[0] == count * element.byteCount else {
            throw InterchangeError(
                .malformed, node: name,
                "\(dtype) \(dimensions) takes \(count * element.byteCount) bytes, "
                    + "its offsets span \(offsets[1] - offsets[0])")
        }
        return SafeTensorsEntry(
            name: name, element: element, shape: Shape(dimensions), range: offsets[0]..<offsets[1])
    }
}
