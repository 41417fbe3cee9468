import CPNG
import PluginSupport

/// A PNG picture of any colour type; palettes and gray become RGB, transparency is dropped.
struct PNGPicture: RGBPicture {
    let format = "png"
    let width: Int, height: Int, channels: Int, bitDepth: Int
    private let file: SampleFile

    init(_ file: SampleFile) throws {
        self.file = file
        let header = try Self.decode(file, as: DISTILL_PNG_RGB8, into: nil)
        width = Int(header.width)
        height = Int(header.height)
        channels = header.palette != 0 ? 3 : Int(header.channels)
        bitDepth = Int(header.bit_depth)
    }

    func codedSize(minimumShortSide: Int) -> (height: Int, width: Int) { (height, width) }

    func checkComplete() throws { try PNGChunks.checkComplete(file) }

    func read(minimumShortSide: Int) throws -> RGBPixels {
        let count = height * width * 3
        let samples: RGBPixels.Samples
        if bitDepth == 16 {
            samples = .words(
                try [UInt16](unsafeUninitializedCapacity: count) { buffer, filled in
                    let raw = UnsafeMutableRawBufferPointer(buffer)
                    _ = try Self.decode(
                        file, as: DISTILL_PNG_RGB16, into: .init(rebasing: raw[..<(count * 2)]))
                    filled = count
                })
        } else {
            samples = .bytes(
                try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                    let raw = UnsafeMutableRawBufferPointer(buffer)
                    _ = try Self.decode(
                        file, as: DISTILL_PNG_RGB8, into: .init(rebasing: raw[..<count]))
                    filled = count
                })
        }
        return RGBPixels(
            height: height, width: width, channels: 3, maximum: bitDepth == 16 ? 65_535 : 255,
            samples: samples)
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
