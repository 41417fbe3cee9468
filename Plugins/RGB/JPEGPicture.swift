import CJPEG
import PluginSupport

/// A JPEG picture, decoded by libjpeg at 1/8, 1/4, 1/2 or full size.
struct JPEGPicture: RGBPicture {
    let format = "jpeg"
    let width: Int, height: Int, channels: Int
    let bitDepth = 8
    private let file: SampleFile

    init(_ file: SampleFile) throws {
        self.file = file
        let header = try Self.decode(file, minimumShortSide: 0, into: nil)
        width = Int(header.width)
        height = Int(header.height)
        channels = Int(header.components)
    }

    func codedSize(minimumShortSide: Int) throws -> (height: Int, width: Int) {
        let header = try Self.decode(file, minimumShortSide: minimumShortSide, into: nil)
        return (Int(header.scaled_height), Int(header.scaled_width))
    }

    /// Looks for the end marker from the end on: cameras append data behind it.
    func checkComplete() throws {
        let bytes = file.bytes
        var index = bytes.count - 1
        while index > 2 {
            if bytes[index] == 0xD9, bytes[index - 1] == 0xFF { return }
            index -= 1
        }
        throw PluginFailure(
            "file.truncated", "the file ends after \(bytes.count) bytes without JPEG's end marker")
    }

    func read(minimumShortSide: Int) throws -> RGBPixels {
        let size = try codedSize(minimumShortSide: minimumShortSide)
        let count = size.height * size.width * 3
        let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            _ = try Self.decode(
                file, minimumShortSide: minimumShortSide,
                into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            filled = count
        }
        return RGBPixels(
            height: size.height, width: size.width, channels: 3, maximum: 255,
            samples: .bytes(bytes))
    }

    private static func decode(
        _ file: SampleFile, minimumShortSide: Int, into output: UnsafeMutableBufferPointer<UInt8>?
    ) throws -> distill_jpeg_header {
        var header = distill_jpeg_header()
        var error = distill_jpeg_error()
        let good = distill_jpeg_read(
            file.bytes, file.bytes.count, UInt64(SampleFile.maximumPixels),
            UInt32(clamping: minimumShortSide), output?.baseAddress, output?.count ?? 0, &header,
            &error)
        guard good != 0 else {
            throw codecFailure("JPEG", code: error.code, message: fixedText(error.message))
        }
        return header
    }
}
