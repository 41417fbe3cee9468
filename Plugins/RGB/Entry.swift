public import CDistillPlugin
import PluginSupport

/// The library's entry: the table of the RGB modality.
@c(distill_plugin_entry_rgb)
public func distillPluginEntryRGB() -> UnsafePointer<distill_plugin>? {
    RGBPlugin.table.pointer
}

/// The functions behind the table.
enum RGBPlugin {
    static let table = ConstantTable([
        distill_plugin(
            magic: DISTILL_PLUGIN_MAGIC, abi_major: UInt16(DISTILL_ABI_MAJOR),
            abi_minor: UInt16(DISTILL_ABI_MINOR),
            struct_size: UInt32(MemoryLayout<distill_plugin>.size), channels: 3,
            id: cLiteral("distill.rgb"), version: cLiteral("1.1.0"), modality: cLiteral("rgb"),
            unit: cLiteral("reflectance"), decoder_version: cLiteral("rgb-decode-2"),
            view_version: cLiteral("rgb-view-1"), initialize: nil,
            inspect: { inspect(path: $0, options: $1, level: $2, header: $3, status: $4) },
            decode: { path, options, minimum, shape, values, capacity, status in
                decode(
                    path: path, options: options, minimumShortSide: Int(minimum), shape: shape,
                    values: values, capacity: capacity, status: status)
            },
            view: { source, sourceShape, geometry, output, outputShape, status in
                PluginCalls.view(
                    source: source, sourceShape: sourceShape, geometry: geometry, output: output,
                    outputShape: outputShape, masked: false, status: status)
            },
            augment: nil,
            get_extension: { id in
                switch id.map({ String(cString: $0) }) {
                case DISTILL_EXTENSION_ENCODING: UnsafeRawPointer(RGBEncodings.table.pointer)
                case DISTILL_EXTENSION_SURVEY: UnsafeRawPointer(RGBSurvey.table.pointer)
                default: nil
                }
            })
    ])

    private static func inspect(
        path: UnsafePointer<CChar>?, options: UnsafePointer<distill_options>?, level: Int32,
        header: UnsafeMutablePointer<distill_header>?,
        status: UnsafeMutablePointer<distill_status>?
    ) -> Int32 {
        reporting(to: status) {
            guard let path, let header else {
                throw PluginFailure("plugin.argument", "`path` or `header` is null")
            }
            _ = try OptionReader(options, known: [:])
            let picture = try RGBPictures.open(SampleFile(path: String(cString: path)))
            try picture.checkComplete()
            header.pointee.width = UInt32(picture.width)
            header.pointee.height = UInt32(picture.height)
            header.pointee.channels = UInt32(picture.channels)
            header.pointee.bit_depth = UInt32(picture.bitDepth)
            fillText(&header.pointee.format, with: picture.format)
            if level == Int32(DISTILL_INSPECT_CONTENT.rawValue) {
                _ = try picture.read(minimumShortSide: 0)
            }
        }
    }

    private static func decode(
        path: UnsafePointer<CChar>?, options: UnsafePointer<distill_options>?,
        minimumShortSide: Int, shape: UnsafeMutablePointer<distill_shape>?,
        values: UnsafeMutablePointer<Float>?, capacity: Int,
        status: UnsafeMutablePointer<distill_status>?
    ) -> Int32 {
        PluginCalls.decode(
            path: path, channels: 3, shape: shape, values: values, capacity: capacity,
            status: status,
            size: { file in
                _ = try OptionReader(options, known: [:])
                return try RGBPictures.size(
                    of: RGBPictures.open(file), minimumShortSide: minimumShortSide)
            },
            fill: { file, size, output in
                try RGBPictures.fill(
                    RGBPictures.open(file), size: size, minimumShortSide: minimumShortSide,
                    into: output)
            })
    }
}
