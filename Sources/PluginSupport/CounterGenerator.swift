import Foundation

/// Random numbers as a pure function of (seed, index, counter), so that no state has to be kept.
///
///     key     = mix(seed + mix(index + 0x9E3779B97F4A7C15))
///     word(n) = mix(key + (n + 1) * 0x9E3779B97F4A7C15)
///
/// with `mix` the finaliser of SplitMix64; `word(0), word(1), ...` is SplitMix64 started at `key`.
/// - Reference: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators".
package struct CounterGenerator {
    private let key: UInt64

    /// The generator of one use; equal arguments give equal numbers on every machine.
    package init(seed: UInt64, index: UInt64) {
        key = Self.mix(seed &+ Self.mix(index &+ Self.step))
    }

    /// 64 random bits.
    package func word(_ counter: UInt64) -> UInt64 { Self.mix(key &+ (counter &+ 1) &* Self.step) }

    /// A number in [0, 1).
    package func uniform(_ counter: UInt64) -> Float {
        Float(word(counter) >> 40) * 0x1p-24
    }

    /// A number in [lower, upper).
    package func uniform(_ counter: UInt64, from lower: Float, to upper: Float) -> Float {
        lower + (upper - lower) * uniform(counter)
    }

    /// Two independent numbers of the standard normal distribution (Box and Muller).
    package func normals(_ counter: UInt64) -> (Float, Float) {
        let bits = word(counter)
        let radius = (-2 * log((Float(bits >> 40) + 1) * 0x1p-24)).squareRoot()
        let angle = 2 * Float.pi * Float(bits & 0xFF_FFFF) * 0x1p-24
        return (radius * cos(angle), radius * sin(angle))
    }

    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
