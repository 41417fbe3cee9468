/// A small, fast, reproducible random number generator whose whole state is one word.
///
/// Not for secrets. Equal seeds give equal sequences on every machine.
/// - Reference: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators" (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator, Sendable, Hashable, Codable {
    package var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// A generator for one purpose among many under a common seed.
    package init(seed: UInt64, stream: UInt64) {
        state = SeededGenerator.mixed(
            seed &+ SeededGenerator.mixed(stream &+ 0x9E37_79B9_7F4A_7C15))
    }

    /// A generator for a purpose that has a name, such as a parameter.
    package init(seed: UInt64, name: String) {
        // FNV-1a: stable across processes, unlike Swift's own hashing.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        self.init(seed: seed, stream: hash)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return SeededGenerator.mixed(state)
    }

    /// Uniform in [0, 1) with 53 random bits.
    package mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
