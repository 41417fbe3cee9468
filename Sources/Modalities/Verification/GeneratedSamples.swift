import Foundation

/// Small pictures in formats that can be written without a codec, to try on any plugin.
struct GeneratedSamples {
    static let width = 24, height = 18
    /// The value of each pixel before quantisation, a tilted ramp of 0.5...2.
    static let ramp: [Float] = (0..<width * height).map { index in
        0.5 + 1.5 * Float(index % width + index / width) / Float(width + height - 2)
    }

    /// Writes the files and returns their paths.
    static func write(into folder: URL) throws -> [String] {
        let files: [(name: String, bytes: [UInt8])] = [
            (
                "ramp.ppm",
                header("P6", 255) + ramp.flatMap { [UInt8](repeating: byte($0), count: 3) }
            ),
            ("ramp.pgm", header("P5", 65_535) + ramp.flatMap { bigEndian(UInt16($0 * 1000)) }),
            ("ramp.npy", npy()),
        ]
        return try files.map { file in
            let place = folder.appendingPathComponent(file.name)
            try Data(file.bytes).write(to: place)
            return place.path
        }
    }

    private static func byte(_ value: Float) -> UInt8 { UInt8((value / 2 * 255).rounded()) }

    private static func bigEndian(_ value: UInt16) -> [UInt8] {
        [UInt8(value >> 8), UInt8(value & 255)]
    }

    private static func header(_ kind: String, _ maximum: Int) -> [UInt8] {
        Array("\(kind)\n\(width) \(height)\n\(maximum)\n".utf8)
    }

    private static func npy() -> [UInt8] {
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(height), \(width)), }"
        text += String(repeating: " ", count: 117 - text.utf8.count) + "\n"
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
        bytes += Array(text.utf8)
        for value in ramp {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
        }
        return bytes
    }
}
