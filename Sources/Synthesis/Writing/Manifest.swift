/// The text of dataset.toml.
struct Manifest {
    let generator: SceneGenerator
    let layout: any DatasetLayoutWriter

    var text: String {
        let options = generator.options
        let camera = generator.camera
        let places = layout.locations(colourExtension: options.colourFormat.rawValue)
        return """
            # Synthetic paired scenes: \(options.pairs) pairs, seed \(options.seed), \
            rho \(options.rho), sensor noise \(options.sensorNoise ? "on" : "off").
            layout = "\(layout.name)"
            registered = true

            [rgb]
            path = "\(places.colourPath)"
            pattern = "\(places.colourPattern)"

            [depth]
            path = "\(places.depthPath)"
            pattern = "\(places.depthPattern)"
            scale = 0.001
            invalid = 0
            maximum = 20.0

            [intrinsics]
            fx = \(camera.focalLength)
            fy = \(camera.focalLength)
            cx = \(camera.centerX)
            cy = \(camera.centerY)
            width = \(camera.width)
            height = \(camera.height)

            [labels]
            file = "labels.csv"
            key = "key"
            label = "\(options.task == .shape ? "label" : "colour")"
            split = "split"
            attributes = ["contradicting"]
            group = "group"

            """
    }
}

/// The text of labels.csv: `key,label,colour,contradicting,split,group`.
///
/// `label` is the shape and `colour` the wall's hue whatever the task: the manifest chooses.
struct LabelTable {
    let generator: SceneGenerator
    let layout: any DatasetLayoutWriter

    var text: String {
        var lines = ["key,label,colour,contradicting,split,group"]
        for index in 0..<generator.options.pairs {
            let files = layout.files(
                ofPair: index, colourExtension: generator.options.colourFormat.rawValue)
            let identity = generator.identity(index)
            lines.append(
                "\(files.key),\(identity.shape.name),\(identity.wall.name),"
                    + "\(identity.contradicting ? 1 : 0),\(generator.split(index)),"
                    + "scene-\(index.sixDigits)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
