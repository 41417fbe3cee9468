/// What a stored unit of depth is: at most one of `scale`, `unit`, `units_per_metre` and `preset` under [depth].
///
/// Where none of them stands whole numbers are taken for millimetres and floating-point numbers for metres, which is
/// said wherever the data set is shown.
package enum DepthUnits {
    /// A sensor's or data set's way to store depth.
    package struct Preset: Sendable, Equatable {
        package var name: String
        /// Metres a unit.
        package var scale: Double
        /// Metres beyond which nothing is measured.
        package var maximum: Double
        /// Bits by which each number is rotated right before use.
        package var bitRotation = 0
        /// Whether most pixels are empty.
        package var isSparse = false
        package var summary: String
    }

    package static let presets = [
        Preset(
            name: "kinect-mm", scale: 0.001, maximum: 10,
            summary: "Kinect, Azure Kinect: millimetres"),
        Preset(
            name: "kitti", scale: 1.0 / 256, maximum: 100, isSparse: true,
            summary: "KITTI: 256 units a metre, most pixels empty"),
        Preset(
            name: "realsense-d400", scale: 0.001, maximum: 20,
            summary: "RealSense D400: millimetres"),
        Preset(
            name: "realsense-d405", scale: 0.0001, maximum: 5,
            summary: "RealSense D405: .1 millimetres"),
        Preset(
            name: "realsense-l515", scale: 0.00025, maximum: 10,
            summary: "RealSense L515: .25 millimetres"),
        Preset(
            name: "scannet", scale: 0.001, maximum: 20,
            summary: "ScanNet, Redwood, ARKit: millimetres"),
        Preset(
            name: "sun", scale: 0.001, maximum: 8, bitRotation: 3,
            summary: "SUN RGB-D: millimetres, rotated by three bits"),
        Preset(
            name: "tum", scale: 1.0 / 5000, maximum: 20, summary: "TUM RGB-D: 5,000 units a metre"),
    ]

    static let units: [String: Double] = [
        "m": 1, "dm": 0.1, "cm": 0.01, "mm": 0.001, "um": 0.000_001,
    ]

    /// The options that the section's keys stand for; empty where it does not say.
    ///
    /// - Throws: `ConfigurationError` for two ways at once, or a word that is none.
    static func options(_ table: ConfigurationTable) throws -> [String: ConfigurationScalar] {
        let scale = try table.optionalNumber("scale", .above(0))
        let unit = try table.optionalString("unit")
        let perMetre = try table.optionalNumber("units_per_metre", .above(0))
        let preset = try table.optionalString("preset")
        let given = ["scale", "unit", "units_per_metre", "preset"].filter(table.has)
        guard given.count <= 1 else {
            throw table.error(
                at: given[1], expected: "only one of \(NearestKey.list(given))",
                hint: "each of them says what a stored unit is")
        }
        if let scale { return ["scale": .number(scale)] }
        if let perMetre { return ["scale": .number(1 / perMetre)] }
        if let unit {
            guard let metres = units[unit] else {
                throw table.error(at: "unit", expected: NearestKey.list(units.keys))
            }
            return ["scale": .number(metres)]
        }
        guard let preset else { return [:] }
        guard let found = presets.first(where: { $0.name == preset }) else {
            let near = NearestKey.of(preset, among: presets.map(\.name))
            throw table.error(
                at: "preset", expected: NearestKey.list(presets.map(\.name)),
                hint: near.map { "did you mean `\($0)`?" } ?? "")
        }
        var options: [String: ConfigurationScalar] = [
            "scale": .number(found.scale), "maximum": .number(found.maximum),
        ]
        if found.bitRotation > 0 { options["bit_rotation"] = .number(Double(found.bitRotation)) }
        if found.isSparse { options["sparse"] = .boolean(true) }
        return options
    }
}
