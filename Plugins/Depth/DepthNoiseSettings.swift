import CDistillPlugin
import PluginSupport

/// How much noise a depth camera adds: what `[training.noise]` sets.
struct DepthNoiseSettings {
    var axial: Double
    var scale: Double
    var edges: Double
    var edgeWidth: Double
    var holes: Double

    /// What `noise = true` means. `make recipe` compares it with others.
    static let usual = DepthNoiseSettings((0..<count).map { list.pointer[$0].usual })

    /// Takes the values in the order of `list`.
    init(_ values: [Double]) {
        axial = values[0]
        scale = values[1]
        edges = values[2]
        edgeWidth = values[3]
        holes = values[4]
    }

    private static let count = 5

    private static let list = ConstantTable([
        distill_noise_setting(
            name: cLiteral("axial"),
            summary: cLiteral(
                "axial noise in units of a Kinect's, sigma .0012 + .0019 (z - .4)^2 metres a sensor pixel"
            ),
            usual: 1, minimum: 0, maximum: 100),
        distill_noise_setting(
            name: cLiteral("scale"),
            summary: cLiteral("all depths times U(1 - scale, 1 + scale), one factor a picture"),
            usual: 0.02, minimum: 0, maximum: 0.9),
        distill_noise_setting(
            name: cLiteral("edges"),
            summary: cLiteral(
                "share of sensor pixels that are lost beside a jump of more than 5 %"),
            usual: 0, minimum: 0, maximum: 1),
        distill_noise_setting(
            name: cLiteral("edge_width"),
            summary: cLiteral("how far from a jump they are lost, in the sensor's pixels"),
            usual: 2, minimum: 0, maximum: 64),
        distill_noise_setting(
            name: cLiteral("holes"),
            summary: cLiteral(
                "largest number of rectangles without depth, sides 4 to 20 % of the picture's"),
            usual: 0, minimum: 0, maximum: 32),
    ])

    static let table = ConstantTable([
        distill_noise_extension(
            struct_size: UInt32(MemoryLayout<distill_noise_extension>.size),
            count: UInt32(count), settings: list.pointer,
            apply: { values, shape, sensorPixels, settings, seed, index, status in
                reporting(to: status) {
                    guard let values, let settings, shape.channels == 1, sensorPixels > 0 else {
                        throw PluginFailure(
                            "plugin.argument",
                            "`values` or `settings` is null, `sensor_pixels` not above 0, or there is not one channel"
                        )
                    }
                    let given = Array(UnsafeBufferPointer(start: settings, count: count))
                    DepthNoise(
                        settings: DepthNoiseSettings(given),
                        generator: CounterGenerator(seed: seed, index: index),
                        height: Int(shape.height), width: Int(shape.width),
                        sensorPixels: sensorPixels
                    ).apply(to: values)
                }
            })
    ])
}
