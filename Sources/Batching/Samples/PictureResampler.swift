import Foundation
package import Modalities

extension PictureFraming {
    /// Cuts a view of a decoded picture and brings it to a square.
    ///
    /// - Parameters:
    ///   - box: in parts of the picture; of a whole picture the crop is taken.
    ///   - isWhole: whether the box stands for the whole picture.
    /// - Shapes: `output` is `[channels, size, size]`.
    package func view(
        of picture: DecodedSample, with plugin: ModalityPlugin, box: ViewGeometry, isWhole: Bool,
        size: Int, into output: UnsafeMutableBufferPointer<Float>
    ) throws {
        var box = box
        if isWhole, let crop {
            let (width, height) = (Double(picture.width), Double(picture.height))
            let side = crop * min(width, height)
            box.x = (width - side) / 2 / width
            box.y = (height - side) / 2 / height
            box.width = side / width
            box.height = side / height
        }
        guard filter != .bilinear else {
            return try plugin.view(picture, view: box, height: size, width: size, into: output)
        }
        resample(picture, box: box, size: size, into: output)
    }

    /// Resizes a box of a picture with this filter, clipped to 0...1.
    package func resample(
        _ picture: DecodedSample, box: ViewGeometry, size: Int,
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        let (width, height) = (picture.width, picture.height)
        let columns = AxisFilter(
            filter, source: width, start: box.x * Double(width), length: box.width * Double(width),
            output: size)
        let rows = AxisFilter(
            filter, source: height, start: box.y * Double(height),
            length: box.height * Double(height), output: size)
        var lines = [Float](repeating: 0, count: height * size)
        picture.values.withUnsafeBufferPointer { values in
            for channel in 0..<picture.channels {
                let plane = channel * height * width
                for row in 0..<height {
                    for column in 0..<size {
                        lines[row * size + column] = columns.value(column) {
                            values[plane + row * width + $0]
                        }
                    }
                }
                for row in 0..<size {
                    for column in 0..<size {
                        let place = box.flip ? size - 1 - column : column
                        let value = rows.value(row) { lines[$0 * size + column] }
                        output[(channel * size + row) * size + place] = min(max(value, 0), 1)
                    }
                }
            }
        }
    }
}

/// The weights of one axis, as Pillow computes them.
///
/// The plugins' own resampler (`PluginSupport`) is linked into each plugin and must not be into the worker as well: a
/// plugin of another version would then find the worker's in place of its own.
private struct AxisFilter {
    private var firsts: [Int] = []
    private var weights: [[Float]] = []

    init(
        _ filter: PictureFraming.Filter, source: Int, start: Double, length: Double, output: Int
    ) {
        let scale = length / Double(output)
        for place in 0..<output {
            let center = start + (Double(place) + 0.5) * scale
            guard filter == .bicubic else {
                firsts.append(min(max(Int(center.rounded(.down)), 0), source - 1))
                weights.append([1])
                continue
            }
            let width = max(scale, 1)
            let lower = max(Int((center - 2 * width + 0.5).rounded(.down)), 0)
            let upper = max(min(Int((center + 2 * width + 0.5).rounded(.down)), source), lower + 1)
            let raw = (lower..<upper).map { Self.cubic((Double($0) + 0.5 - center) / width) }
            let sum = raw.reduce(0, +)
            firsts.append(min(lower, source - 1))
            weights.append(raw.map { Float(sum == 0 ? 1 / Double(raw.count) : $0 / sum) })
        }
    }

    func value(_ place: Int, _ source: (Int) -> Float) -> Float {
        var sum: Float = 0
        let first = firsts[place]
        for (tap, weight) in weights[place].enumerated() { sum += weight * source(first + tap) }
        return sum
    }

    /// Keys' cubic with a = -1/2.
    private static func cubic(_ x: Double) -> Double {
        let x = abs(x)
        if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
        if x < 2 { return ((-0.5 * x + 2.5) * x - 4) * x + 2 }
        return 0
    }
}
