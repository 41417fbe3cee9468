import CPNG
import PluginSupport

/// A PNG of one gray channel.
struct PNGDepth {
    let file: SampleFile
    let width: Int, height: Int, bitDepth: Int

    /// - Throws: `depth.not_gray`, `file.truncated`, `file.corrupt`, `file.size`.
    init(_ file: SampleFile) throws {
        self.file = file
        let header = try Self.decode(file, as: DISTILL_PNG_GRAY16, into: nil)
        guard header.channels == 1, header.palette == 0 else {
            let kinds = ["a palette", "gray with transparency", "RGB", "RGBA"]
            let kind = header.palette != 0 ? kinds[0] : kinds[min(Int(header.channels) - 1, 3)]
            throw DepthPicture.notGray("a \(header.bit_depth)-bit PNG in \(kind)")
        }
        width = Int(header.width)
        height = Int(header.height)
        bitDepth = Int(header.bit_depth)
    }

    /// The stored values; those of 8 bits or less are widened without scaling.
    func read() throws -> [UInt16] {
        let count = width * height
        if bitDepth == 16 {
            return try [UInt16](unsafeUninitializedCapacity: count) { buffer, filled in
                let raw = UnsafeMutableRawBufferPointer(buffer)
                _ = try Self.decode(
                    file, as: DISTILL_PNG_GRAY16, into: .init(rebasing: raw[..<(count * 2)]))
                filled = count
            }
        }
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            _ = try Self.decode(file, as: DISTILL_PNG_GRAY8, into: .init(rebasing: raw[..<count]))
            filled = count
        }.map { UInt16($0) }
    }

    private static func decode(
        _ file: SampleFile, as layout: distill_png_layout,
        into output: UnsafeMutableRawBufferPointer?
    ) throws -> distill_png_header {
        var header = distill_png_header()
        var error = distill_png_error()
        let good = distill_png_read(
            file.bytes, file.bytes.count, UInt64(SampleFile.maximumPixels), layout,
            output?.baseAddress, output?.count ?? 0, &header, &error)
        guard good != 0 else {
            throw codecFailure("PNG", code: error.code, message: fixedText(error.message))
        }
        return header
    }
}
