import Tensors

/// Which other samples a contrast is drawn against when nobody knows their classes.
package enum NegativeSampling {
    /// Places drawn uniformly and with replacement from 0..<`samples`, a function of seed and step alone, so
    /// that a resumed run draws the same.
    ///
    /// - Returns: `count` whole numbers, exact up to 2^24 samples.
    package static func draw(
        _ count: Int, among samples: Int, seed: UInt64, step: Int
    ) -> [Float] {
        precondition(samples > 0, "nothing to draw from")
        var generator = SeededGenerator(seed: seed, name: "negatives.\(step)")
        return (0..<count).map { _ in Float(Int(generator.uniform() * Double(samples))) }
    }
}
