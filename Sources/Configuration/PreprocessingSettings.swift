/// How an image becomes the input of an imported network:
/// `input = (channel * scale - mean) / std`, channels 0...255.
package struct PreprocessingSettings: Sendable, Equatable {
    /// The order in which the network expects colours.
    package enum Channels: String, Sendable, CaseIterable {
        case rgb, bgr
    }

    /// How an image is brought to the input size, each as Pillow's `resize`.
    package enum Resize: String, Sendable, CaseIterable {
        case bilinear, nearest, bicubic
    }

    package var channels = Channels.rgb
    /// What a byte is multiplied with.
    package var scale = 1.0 / 255
    /// Subtracted after scaling, one for each channel in the network's order.
    package var mean: [Double] = [0, 0, 0]
    /// Divided by after that, one for each channel.
    package var std: [Double] = [1, 1, 1]
    /// Height and width of the input in pixels.
    package var size = 224
    package var resize = Resize.bilinear
    /// The part of the shorter side that a square in the middle of a whole picture keeps; nil: the whole picture.
    package var crop: Double?

    /// Colours from 0 to 1 with nothing subtracted, called `unit` on the command line.
    package static let unit = PreprocessingSettings()

    /// The statistics that networks trained on ImageNet expect, called `imagenet`.
    ///
    /// - Reference: torchvision, `torchvision.models`, normalisation of the pretrained weights.
    package static let imagenet: PreprocessingSettings = {
        var settings = PreprocessingSettings()
        settings.mean = [0.485, 0.456, 0.406]
        settings.std = [0.229, 0.224, 0.225]
        return settings
    }()

    /// Bytes as they are, 0 to 255, called `bytes`: what networks with integer inputs take.
    package static let bytes: PreprocessingSettings = {
        var settings = PreprocessingSettings()
        settings.scale = 1
        return settings
    }()

    /// The presets by their names on the command line.
    package static let presets = ["imagenet": imagenet, "unit": unit, "bytes": bytes]

    package init() {}

    /// The settings that a preset names or a TOML text describes.
    package init(presetOrTOML text: String, file: String) throws {
        if let preset = Self.presets[text] {
            self = preset
        } else {
            try self.init(toml: text, file: file)
        }
    }

    /// Reads `--preprocess FILE`.
    ///
    /// - Throws: `ConfigurationError`.
    package init(toml: String, file: String) throws {
        let root = try ConfigurationTable(toml: toml, file: file)
        channels = try root.choice("channels", default: channels)
        scale = try root.number("scale", default: scale, .above(0))
        mean = try root.numbers("mean", count: 3, default: mean)
        std = try root.numbers("std", count: 3, default: std, .above(0))
        size = try root.integer("size", default: size, in: 16...1024)
        resize = try root.choice("resize", default: resize)
        crop = try root.optionalNumber("crop", .above(0))
        if let crop, crop > 1 {
            throw root.error(
                at: "crop", found: "\(crop)", expected: "a part of the shorter side, at most 1",
                hint: "224 pixels of 256 are 0.875")
        }
        try root.finish()
        try checkRange(root)
    }

    /// Refuses statistics of another scale than the pixels have.
    private func checkRange(_ root: ConfigurationTable) throws {
        let most = 255 * scale
        if let wrong = mean.first(where: { abs($0) > 1.01 * most }) {
            throw root.error(
                at: "mean", found: "\(wrong)",
                expected: "numbers within the 0 to \(round(most)) of the pixels",
                hint: most <= 2
                    ? "for statistics of 0 to 255 write scale = 1.0, or divide mean and std by 255"
                    : "scale is what a byte is multiplied with")
        }
        for (mean, std) in zip(mean, std)
        where max(abs(mean), abs(most - mean)) / std > 300 || std > 1.01 * most {
            throw root.error(
                at: "std", found: "\(std)",
                expected: "the spread of pixels of 0 to \(round(most))",
                hint: most > 2
                    ? "for statistics of 0 to 1 leave scale out: it is 1/255"
                    : "for statistics of 0 to 255 write scale = 1.0, or divide mean and std by 255")
        }
    }

    private func round(_ value: Double) -> String {
        value == value.rounded() ? String(Int(value)) : String(value)
    }

    /// Everything written out.
    package var toml: String {
        var writer = TOMLWriter()
        writer.write("channels", channels.rawValue)
        writer.write("scale", scale)
        writer.write("mean", mean)
        writer.write("std", std)
        writer.write("size", size)
        writer.write("resize", resize.rawValue)
        if let crop { writer.write("crop", crop) }
        return writer.text
    }
}
