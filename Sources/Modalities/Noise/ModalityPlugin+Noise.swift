import CDistillPlugin
import Configuration

extension ModalityPlugin {
    /// The noise of a recipe, which gives some of the settings; the others are the usual ones.
    ///
    /// - Returns: nil for a modality without noise.
    /// - Throws: `noise.unknown` naming the known settings, `noise.range`.
    package func noise(_ given: [String: Double]) throws -> ModalityNoise? {
        if let stranger = given.keys.sorted().first(where: { name in
            !noiseSettings.contains { $0.name == name }
        }) {
            let names = noiseSettings.map(\.name)
            let near = NearestKey.of(stranger, among: names).map { "did you mean `\($0)`?" }
            throw PluginError(
                code: "noise.unknown",
                message: "`training.noise.\(stranger)` is none of \(modality)'s noise settings",
                hint: names.isEmpty
                    ? "plugin \(id) takes only noise = true or false"
                    : near ?? "known here: \(NearestKey.list(names))")
        }
        let values = try noiseSettings.map { setting in
            let value = given[setting.name] ?? setting.usual
            guard setting.range.contains(value) else {
                throw PluginError(
                    code: "noise.range",
                    message: "`training.noise.\(setting.name)` is \(value), expected "
                        + "\(setting.range.lowerBound) to \(setting.range.upperBound)",
                    hint: setting.summary)
            }
            return value
        }
        guard noiseTable != nil || table.augment != nil else { return nil }
        let pairs = zip(noiseSettings, values).map { ($0.name, $1) }
        return ModalityNoise(settings: Dictionary(uniqueKeysWithValues: pairs), values: values)
    }

    /// Adds the sensor's noise in place: a pure function of its arguments.
    ///
    /// - Shapes: `values` is `[channels, height, width]`.
    /// - Parameter sensorPixels: How many of the file's pixels lie along a side of one of `values`, above 0.
    package func addNoise(
        _ noise: ModalityNoise, to values: UnsafeMutableBufferPointer<Float>, height: Int,
        width: Int, sensorPixels: Double, seed: UInt64, index: UInt64
    ) throws {
        precondition(values.count == channels * height * width, "values do not fill the shape")
        let shape = cShape(height: height, width: width)
        guard let noiseTable else {
            try call(table.augment, named: "augment", path: nil) { function, status in
                function(values.baseAddress, shape, seed, index, &status)
            }
            return
        }
        try noise.values.withUnsafeBufferPointer { settings in
            try call(noiseTable.apply, named: "apply", path: nil) { function, status in
                function(
                    values.baseAddress, shape, sensorPixels, settings.baseAddress, seed, index,
                    &status)
            }
        }
    }
}
