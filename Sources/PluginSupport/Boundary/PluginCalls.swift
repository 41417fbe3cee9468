package import CDistillPlugin

/// The parts of a plugin's functions that are the same for every picture-like modality.
package enum PluginCalls {
    /// Answers `decode`: the shape alone where `values` is null, else shape and values.
    package static func decode(
        path: UnsafePointer<CChar>?, channels: Int,
        shape: UnsafeMutablePointer<distill_shape>?, values: UnsafeMutablePointer<Float>?,
        capacity: Int, status: UnsafeMutablePointer<distill_status>?,
        size: (SampleFile) throws -> DecodedSize,
        fill: (SampleFile, DecodedSize, UnsafeMutablePointer<Float>) throws -> Void
    ) -> Int32 {
        reporting(to: status) {
            guard let path, let shape else {
                throw PluginFailure("plugin.argument", "`path` or `shape` is null")
            }
            let file = try SampleFile(path: String(cString: path))
            let size = try size(file)
            shape.pointee = distill_shape(
                channels: UInt32(channels), height: UInt32(size.height), width: UInt32(size.width))
            guard let values else { return }
            let count = channels * size.height * size.width
            guard capacity == count else {
                throw PluginFailure(
                    "file.changed",
                    "it now needs room for \(count) values, the buffer has \(capacity): "
                        + "the file changed while it was read")
            }
            try fill(file, size, values)
        }
    }

    /// Answers `view` for every channel; `masked` where 0 means invalid.
    package static func view(
        source: UnsafePointer<Float>?, sourceShape: distill_shape,
        geometry: UnsafePointer<distill_view_geometry>?, output: UnsafeMutablePointer<Float>?,
        outputShape: distill_shape, masked: Bool, status: UnsafeMutablePointer<distill_status>?
    ) -> Int32 {
        reporting(to: status) {
            guard let source, let output, let box = geometry?.pointee,
                sourceShape.channels == outputShape.channels, sourceShape.width > 0,
                sourceShape.height > 0
            else {
                throw PluginFailure(
                    "plugin.argument", "a pointer is null, a shape empty or the channels differ")
            }
            let width = Double(sourceShape.width)
            let height = Double(sourceShape.height)
            let resampler = try Resampler(
                sourceHeight: Int(sourceShape.height), sourceWidth: Int(sourceShape.width),
                x: box.x * width, y: box.y * height, width: box.width * width,
                height: box.height * height, outputHeight: Int(outputShape.height),
                outputWidth: Int(outputShape.width), flip: box.flip != 0)
            for channel in 0..<Int(sourceShape.channels) {
                let from = source + channel * Int(sourceShape.height) * Int(sourceShape.width)
                let to = output + channel * Int(outputShape.height) * Int(outputShape.width)
                if masked {
                    resampler.resizeMasked(from, into: to)
                } else {
                    resampler.resize(from, into: to)
                }
            }
        }
    }
}
