import CDistillPlugin
import Foundation

/// The checks of one plugin on one file that it can read.
struct SampleTrial {
    let plugin: ModalityPlugin
    let path: String
    let options: PluginOptions

    /// Decodes the file in full and compares with its header, and with the ramp where it is ours.
    func roundTrip() throws -> String {
        let header = try plugin.inspect(path: path, options: options, contents: true)
        let sample = try plugin.decode(path: path, options: options)
        guard sample.height == header.height, sample.width == header.width else {
            throw fault(
                "it decodes \(sample.width) x \(sample.height), its header says "
                    + "\(header.width) x \(header.height)")
        }
        guard sample.values.allSatisfy(\.isFinite) else {
            throw fault("decoded values are not all finite")
        }
        if URL(fileURLWithPath: path).lastPathComponent.hasPrefix("ramp.") {
            let ramp = GeneratedSamples.ramp
            let plane = sample.values.prefix(ramp.count)
            let gain = plane.reduce(0, +) / ramp.reduce(0, +)
            let worst = zip(plane, ramp).map { abs($0 - gain * $1) }.max() ?? 0
            guard gain > 0, worst <= 0.01 * gain else {
                throw fault("a ramp comes back bent by \(worst / max(gain, 1e-9)) of its unit")
            }
        }
        let small = try plugin.decode(path: path, options: options, minimumShortSide: 4)
        guard min(small.height, small.width) >= min(4, header.height, header.width) else {
            throw fault("asked for a short side of 4 it gives \(small.width) x \(small.height)")
        }
        return "\(header.format), \(header.width) x \(header.height), \(header.bitDepth) bits"
    }

    /// Cuts the file short in several places; each must be an error.
    func truncation(scratch: URL) throws -> String {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let cut = scratch.appendingPathComponent("cut.\(URL(fileURLWithPath: path).pathExtension)")
        let lengths = [0, 1, 4, 9, bytes.count / 4, bytes.count / 2, bytes.count * 3 / 4]
        for length in lengths where length < bytes.count {
            try bytes.prefix(length).write(to: cut)
            if (try? plugin.decode(path: cut.path, options: options)) != nil {
                throw fault("it decodes the first \(length) of \(bytes.count) bytes")
            }
        }
        return "\(lengths.count) lengths refused"
    }

    /// Decodes, cuts and adds noise in memory whose both ends may not be crossed.
    func guardedPages() throws -> String {
        let sample = try plugin.decode(path: path, options: options)
        let count = sample.values.count
        for edge in GuardedBuffer.Edge.allCases {
            let decoded = try GuardedBuffer(count: count, touching: edge)
            var shape = distill_shape()
            try plugin.call(plugin.table.decode, named: "decode", path: path) { decode, status in
                withCOptions(options) { options in
                    decode(path, options, 0, &shape, decoded.values.baseAddress, count, &status)
                }
            }
            guard decoded.values.elementsEqual(sample.values) else {
                throw fault("decode writes other values into other memory")
            }
            let side = 7
            let output = try GuardedBuffer(count: plugin.channels * side * side, touching: edge)
            for geometry in Self.geometries {
                output.values.update(repeating: .nan)
                try plugin.view(
                    UnsafeBufferPointer(decoded.values), sourceHeight: sample.height,
                    sourceWidth: sample.width, view: geometry, height: side, width: side,
                    into: output.values)
                guard output.values.allSatisfy(\.isFinite) else {
                    throw fault("view \(geometry) leaves values unwritten or not finite")
                }
            }
            guard let noise = try plugin.noise([:]) else { continue }
            try plugin.addNoise(
                noise, to: decoded.values, height: sample.height, width: sample.width,
                sensorPixels: 2, seed: 1, index: 2)
        }
        return "\(count) values, \(Self.geometries.count) views"
    }

    /// Every function gives the same bits for the same arguments, on several threads at once.
    func determinism() throws -> String {
        let reference = try outcome()
        let results = ConcurrentResults(count: 4)
        DispatchQueue.concurrentPerform(iterations: 4) { results.set($0, try? outcome()) }
        guard results.values.allSatisfy({ $0 == reference }) else {
            throw fault("decode, view or noise gives other bits when called again")
        }
        return "5 equal runs, 4 of them at the same time"
    }

    private func outcome() throws -> [UInt32] {
        let sample = try plugin.decode(path: path, options: options)
        var all = sample.values
        // Every kind of noise, half way between the least and the most.
        let middle = plugin.noiseSettings.map {
            ($0.name, ($0.range.lowerBound + $0.range.upperBound) / 2)
        }
        let noise = try plugin.noise(Dictionary(uniqueKeysWithValues: middle))
        for geometry in Self.geometries {
            var view = [Float](repeating: 0, count: plugin.channels * 9 * 11)
            try view.withUnsafeMutableBufferPointer {
                try plugin.view(sample, view: geometry, height: 9, width: 11, into: $0)
                guard let noise else { return }
                try plugin.addNoise(
                    noise, to: $0, height: 9, width: 11, sensorPixels: 1.4, seed: 3, index: 5)
            }
            all += view
        }
        return all.map(\.bitPattern)
    }

    private static let geometries = [
        ViewGeometry.full,
        ViewGeometry(x: 0, y: 0, width: 1, height: 1, flip: true),
        ViewGeometry(x: 0.13, y: 0.29, width: 0.61, height: 0.53, flip: true),
        ViewGeometry(x: 0.9, y: 0.95, width: 0.1, height: 0.05),
    ]

    private func fault(_ message: String) -> PluginError {
        PluginError(code: "verify.fault", message: message, path: path)
    }
}
