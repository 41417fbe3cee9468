import Distillation
import Foundation
import Modalities

/// How alike frames are that stand beside each other, measured against frames that do not.
///
/// The distance of two frames is the mean absolute difference of their small views, over what both hold. Frames of
/// one recording change little from one to the next: their distance is a small part of that between others. Pictures
/// that only happen to be numbered are as far apart as any.
struct FrameDistance {
    /// Of the views, in pixels.
    static let side = 32

    let root: String
    let plugin: ModalityPlugin
    let options: PluginOptions

    /// The median distance within pairs, in parts of the median distance across them and of the frames' own values; nil
    /// where too few can be read.
    ///
    /// - Parameter pairs: two files each.
    func ratio(_ pairs: [(String, String)]) -> (distance: Double, change: Double)? {
        let read = pairs.compactMap { pair -> ([Float], [Float])? in
            guard let first = view(pair.0), let second = view(pair.1) else { return nil }
            return (first, second)
        }
        guard read.count >= 4 else { return nil }
        let within = read.compactMap { Self.distance($0.0, $0.1) }
        var across: [Double] = []
        for (index, pair) in read.enumerated() {
            for (other, second) in read.enumerated() where other != index {
                if let distance = Self.distance(pair.0, second.1) { across.append(distance) }
            }
        }
        let sizes = read.compactMap { Self.mean($0.0) }
        guard let near = Self.median(within), let far = Self.median(across),
            let size = Self.median(sizes), size > 0
        else { return nil }
        return (far > 0 ? near / far : 0, near / size)
    }

    /// Of what is there.
    private static func mean(_ values: [Float]) -> Double? {
        let present = values.filter { $0 != 0 && $0.isFinite }
        return present.isEmpty
            ? nil : present.reduce(0.0) { $0 + Double(abs($1)) } / Double(present.count)
    }

    private func view(_ file: String) -> [Float]? {
        let path = file.hasPrefix("/") ? file : root + "/" + file
        guard
            let sample = try? plugin.decode(
                path: path, options: options, minimumShortSide: Self.side)
        else { return nil }
        var values = [Float](repeating: 0, count: plugin.channels * Self.side * Self.side)
        do {
            try values.withUnsafeMutableBufferPointer {
                try plugin.view(
                    sample, view: .full, height: Self.side, width: Self.side, into: $0)
            }
        } catch { return nil }
        return values
    }

    /// Of what both hold; nil where they have too little in common.
    private static func distance(_ first: [Float], _ second: [Float]) -> Double? {
        var (sum, count) = (0.0, 0)
        for (a, b) in zip(first, second) where a != 0 && b != 0 && a.isFinite && b.isFinite {
            sum += Double(abs(a - b))
            count += 1
        }
        return count * 20 >= first.count ? sum / Double(count) : nil
    }

    private static func median(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }
}
