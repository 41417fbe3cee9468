import CDistillPlugin
import PluginSupport

/// What the `[depth]` section of dataset.toml says about the numbers in the files.
struct DepthOptions {
    /// Metres a stored unit; nil where the section gives none.
    var givenScale: Double?
    /// The stored value that means "no measurement".
    var invalid: Double
    /// Metres beyond which a value is invalid.
    var maximum: Double
    /// 16-bit values are stored with the low byte first, against the format's rule.
    var swapsBytes: Bool
    /// 16-bit values are rotated right by so many bits before use (SUN RGB-D: 3).
    var bitRotation: Int
    /// 8-bit pictures are taken as depth although they can hardly be metric.
    var allowsEightBits: Bool
    /// Most pixels hold no reading and need not, as with a laser scanner's points.
    var isSparse: Bool

    static let known: [String: OptionReader.Kind] = [
        "scale": .number, "invalid": .number, "maximum": .number, "byte_order": .string,
        "bit_rotation": .number, "allow_8bit": .boolean, "sparse": .boolean,
    ]

    /// - Throws: `option.unknown`, `option.kind`, `option.value`.
    init(_ options: UnsafePointer<distill_options>?) throws {
        let reader = try OptionReader(options, known: Self.known)
        givenScale = reader.number("scale")
        invalid = reader.number("invalid") ?? 0
        maximum = reader.number("maximum") ?? .infinity
        isSparse = reader.boolean("sparse") ?? false
        allowsEightBits = reader.boolean("allow_8bit") ?? false
        switch reader.string("byte_order") ?? "big" {
        case "big": swapsBytes = false
        case "little": swapsBytes = true
        case let other:
            throw PluginFailure(
                "option.value", "`byte_order` is `\(other)`, expected `big` or `little`")
        }
        let rotation = reader.number("bit_rotation") ?? 0
        guard let whole = Int(exactly: rotation), (0...15).contains(whole) else {
            throw PluginFailure(
                "option.value", "`bit_rotation` is \(rotation), expected a whole number 0 to 15")
        }
        bitRotation = whole
        if let givenScale, !(givenScale > 0 && givenScale.isFinite) {
            throw PluginFailure(
                "option.value", "`scale` is \(givenScale), expected metres a unit, above 0")
        }
        guard maximum > 0 else {
            throw PluginFailure(
                "option.value", "`maximum` is \(maximum), expected metres, above 0")
        }
    }

    /// Metres a stored unit: millimetres for whole numbers, metres for others, unless given.
    func scale(ofWholeNumbers: Bool) -> Double { givenScale ?? (ofWholeNumbers ? 0.001 : 1) }

    /// Whether stored 16-bit values are not what the sensor meant.
    var changesWords: Bool { swapsBytes || bitRotation > 0 }

    /// A stored 16-bit value as the sensor meant it.
    func word(_ stored: UInt16) -> UInt16 {
        let value = swapsBytes ? stored.byteSwapped : stored
        return bitRotation == 0 ? value : value >> bitRotation | value << (16 - bitRotation)
    }

    /// A stored number in metres, 0 where it is no measurement.
    func metres(_ stored: Double, scale: Double) -> Float {
        let metres = stored * scale
        // The comparison is false for what is not a number.
        return metres > 0 && metres <= maximum && stored != invalid
            && metres <= Double(Float.greatestFiniteMagnitude) ? Float(metres) : 0
    }
}
