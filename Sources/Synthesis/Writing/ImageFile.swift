import CJPEG
import CPNG

/// Writes a pair's pictures; each function returns why it failed, or nil.
enum ImageFile {
    static func writeColour(
        _ pair: RenderedPair, to path: String, options: SynthesisOptions
    ) -> String? {
        pair.rgb.withUnsafeBufferPointer { pixels in
            guard let base = pixels.baseAddress else { return "the picture is empty" }
            let width = UInt32(pair.width)
            let height = UInt32(pair.height)
            let failure =
                switch options.colourFormat {
                case .jpeg:
                    distill_jpeg_write_rgb8(path, width, height, base, Int32(options.jpegQuality))
                case .png:
                    distill_png_write_rgb8(path, width, height, base)
                }
            return failure.map { String(cString: $0) }
        }
    }

    static func writeDepth(_ pair: RenderedPair, to path: String) -> String? {
        pair.depthMillimetres.withUnsafeBufferPointer { pixels in
            guard let base = pixels.baseAddress else { return "the picture is empty" }
            let failure = distill_png_write_gray16(
                path, UInt32(pair.width), UInt32(pair.height), base)
            return failure.map { String(cString: $0) }
        }
    }
}
