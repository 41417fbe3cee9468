/// The random numbers of one scene: counter-based, so that a scene depends on its seed and index
/// only, never on which thread draws it or what was drawn before.
///
/// The n-th number is the SplitMix64 finaliser of `key + n * golden gamma`.
/// - Reference: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
struct SceneRandom: Sendable {
    /// What the numbers are for. Streams are independent: changing how colours are drawn leaves the
    /// geometry as it is.
    enum Stream: UInt64, Sendable {
        case balance = 1
        case identity, geometry, surroundings, appearance, colourSensor, depthSensor
    }

    private let key: UInt64
    private var counter: UInt64 = 0

    init(seed: UInt64, index: Int, stream: Stream) {
        let scene = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15) ^ UInt64(index)
        key = Self.mix(Self.mix(scene) &+ stream.rawValue &* 0xD1B5_4A32_D192_ED03)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 64 random bits.
    mutating func bits() -> UInt64 {
        counter &+= 1
        return Self.mix(key &+ counter &* 0x9E37_79B9_7F4A_7C15)
    }

    /// A number in [0, 1).
    mutating func unit() -> Double {
        Double(bits() >> 11) * 0x1p-53
    }

    /// A number in [low, high).
    mutating func uniform(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * unit()
    }

    /// A whole number in [0, count).
    mutating func below(_ count: Int) -> Int {
        Int(bits().multipliedFullWidth(by: UInt64(count)).high)
    }

    /// True with this probability.
    mutating func chance(_ probability: Double) -> Bool {
        unit() < probability
    }

    /// A number with mean 0 and variance 1, within 3.5 of 0: the sum of four 16-bit uniforms.
    ///
    /// Close to a normal and free of logarithms, which differ between C libraries.
    mutating func gaussian() -> Double {
        let word = bits()
        let sum =
            (word & 0xFFFF) &+ (word >> 16 & 0xFFFF) &+ (word >> 32 & 0xFFFF) &+ (word >> 48)
        return (Double(sum) / 65536 + 2 / 65536 - 2) * 1.732_050_807_568_877_2
    }
}
