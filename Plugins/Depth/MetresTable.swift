import Synchronization

/// Metres for each of the 65,536 numbers that a 16-bit picture can hold.
///
/// A data set has one scale: the table is made once and a picture costs a look-up a pixel.
final class MetresTable: Sendable {
    private struct Key: Equatable {
        let scale: Double, invalid: Double, maximum: Double
    }

    private static let latest = Mutex<MetresTable?>(nil)

    private let key: Key
    private let metres: [Float]

    /// The table for what a data set's options say.
    static func of(_ options: DepthOptions, scale: Double) -> MetresTable {
        let key = Key(scale: scale, invalid: options.invalid, maximum: options.maximum)
        return latest.withLock { latest in
            if let latest, latest.key == key { return latest }
            let table = MetresTable(
                key, (0...UInt16.max).map { options.metres(Double($0), scale: scale) })
            latest = table
            return table
        }
    }

    private init(_ key: Key, _ metres: [Float]) {
        self.key = key
        self.metres = metres
    }

    /// Turns stored numbers into metres.
    func look(up words: [UInt16], into output: UnsafeMutablePointer<Float>) {
        metres.withUnsafeBufferPointer { metres in
            words.withUnsafeBufferPointer { words in
                for index in 0..<words.count { output[index] = metres[Int(words[index])] }
            }
        }
    }
}
