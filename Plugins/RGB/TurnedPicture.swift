import PluginSupport

/// A picture as its EXIF orientation has it shown.
struct TurnedPicture: RGBPicture {
    let stored: any RGBPicture
    let orientation: ExifOrientation

    var format: String { stored.format }
    var width: Int { orientation.swapsSides ? stored.height : stored.width }
    var height: Int { orientation.swapsSides ? stored.width : stored.height }
    var channels: Int { stored.channels }
    var bitDepth: Int { stored.bitDepth }

    func codedSize(minimumShortSide: Int) throws -> (height: Int, width: Int) {
        let size = try stored.codedSize(minimumShortSide: minimumShortSide)
        return orientation.swapsSides ? (size.width, size.height) : size
    }

    func checkComplete() throws { try stored.checkComplete() }

    func read(minimumShortSide: Int) throws -> RGBPixels {
        let pixels = try stored.read(minimumShortSide: minimumShortSide)
        let (height, width) =
            orientation.swapsSides ? (pixels.width, pixels.height) : (pixels.height, pixels.width)
        let samples: RGBPixels.Samples =
            switch pixels.samples {
            case .bytes(let bytes): .bytes(turned(bytes, pixels, height, width))
            case .words(let words): .words(turned(words, pixels, height, width))
            }
        return RGBPixels(
            height: height, width: width, channels: pixels.channels, maximum: pixels.maximum,
            samples: samples)
    }

    private func turned<Sample>(
        _ samples: [Sample], _ pixels: RGBPixels, _ height: Int, _ width: Int
    ) -> [Sample] {
        var turned: [Sample] = []
        turned.reserveCapacity(samples.count)
        for row in 0..<height {
            for column in 0..<width {
                let place = orientation.source(
                    row: row, column: column, height: pixels.height, width: pixels.width)
                let pixel = (place.row * pixels.width + place.column) * pixels.channels
                turned += samples[pixel..<pixel + pixels.channels]
            }
        }
        return turned
    }
}
