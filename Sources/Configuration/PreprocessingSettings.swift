/// How an image becomes the input of an imported network:
/// `input = (channel * scale - mean) / std`, channels 0...255.
package struct PreprocessingSettings: Sendable, Equatable {
    /// The order in which the network expects colours.
    package enum Channels: String, Sendable, CaseIterable {
        case rgb, bgr
    }

    /// How an image is brought to the input size.
    package enum Resize: String, Sendable, CaseIterable {
        case bilinear, nearest
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

    package init() {}

    /// The settings that a preset names or a TOML text describes.
    package init(presetOrTOML text: String, file: String) throws {
        switch text {
        case "imagenet": self = .imagenet
        case "unit": self = .unit
        default: try self.init(toml: text, file: file)
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
        try root.finish()
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
        return writer.text
    }
}
