public import CDistillPlugin
import PluginSupport

/// The library's entry: the table of the depth modality.
@c(distill_plugin_entry_depth)
public func distillPluginEntryDepth() -> UnsafePointer<distill_plugin>? {
    DepthPlugin.table.pointer
}

/// The functions behind the table.
enum DepthPlugin {
    static let table = ConstantTable([
        distill_plugin(
            magic: DISTILL_PLUGIN_MAGIC, abi_major: UInt16(DISTILL_ABI_MAJOR),
            abi_minor: UInt16(DISTILL_ABI_MINOR),
            struct_size: UInt32(MemoryLayout<distill_plugin>.size), channels: 1,
            id: cLiteral("distill.depth"), version: cLiteral("1.3.0"),
            modality: cLiteral("depth"), unit: cLiteral("metres"),
            decoder_version: cLiteral("depth-decode-1"), view_version: cLiteral("depth-view-1"),
            initialize: nil,
            inspect: { inspect(path: $0, options: $1, level: $2, header: $3, status: $4) },
            decode: { path, options, minimum, shape, values, capacity, status in
                decode(
                    path: path, options: options, minimumShortSide: Int(minimum), shape: shape,
                    values: values, capacity: capacity, status: status)
            },
            view: { source, sourceShape, geometry, output, outputShape, status in
                PluginCalls.view(
                    source: source, sourceShape: sourceShape, geometry: geometry, output: output,
                    outputShape: outputShape, masked: true, status: status)
            },
            augment: { values, shape, seed, index, status in
                reporting(to: status) {
                    guard let values, shape.channels == 1 else {
                        throw PluginFailure(
                            "plugin.argument", "`values` is null or has not one channel")
                    }
                    DepthNoise(
                        settings: .usual, generator: CounterGenerator(seed: seed, index: index),
                        height: Int(shape.height), width: Int(shape.width), sensorPixels: 1
                    ).apply(to: values)
                }
            },
            get_extension: { id in
                switch id.map({ String(cString: $0) }) {
                case DISTILL_EXTENSION_ENCODING: UnsafeRawPointer(DepthEncodings.table.pointer)
                case DISTILL_EXTENSION_NOISE: UnsafeRawPointer(DepthNoiseSettings.table.pointer)
                case DISTILL_EXTENSION_SURVEY: UnsafeRawPointer(DepthSurveyTable.table.pointer)
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
            let options = try DepthOptions(options)
            let picture = try DepthPicture(
                SampleFile(path: String(cString: path)), options: options)
            try picture.checkComplete()
            header.pointee.width = UInt32(picture.width)
            header.pointee.height = UInt32(picture.height)
            header.pointee.channels = 1
            header.pointee.bit_depth = UInt32(picture.bitDepth)
            fillText(&header.pointee.format, with: picture.format)
            if level == Int32(DISTILL_INSPECT_CONTENT.rawValue) {
                let numbers = try picture.read(options: options)
                let facts = DepthFileFacts(picture, numbers, options: options)
                let findings = DepthSurvey([facts], options: options).findings
                fillText(
                    &header.pointee.warnings,
                    with: findings.map { "\($0.message); \($0.hint)" }.joined(separator: "\n"))
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
            path: path, channels: 1, shape: shape, values: values, capacity: capacity,
            status: status,
            size: { file in
                let picture = try DepthPicture(file, options: DepthOptions(options))
                return DecodedSize(
                    height: picture.height, width: picture.width,
                    minimumShortSide: minimumShortSide)
            },
            fill: { file, size, output in
                let options = try DepthOptions(options)
                let picture = try DepthPicture(file, options: options)
                let numbers = try picture.read(options: options)
                if picture.height == size.height, picture.width == size.width {
                    numbers.fill(output, options: options)
                    return
                }
                let resampler = try Resampler(
                    sourceHeight: picture.height, sourceWidth: picture.width,
                    outputHeight: size.height, outputWidth: size.width)
                let full = UnsafeMutablePointer<Float>.allocate(
                    capacity: picture.height * picture.width)
                defer { full.deallocate() }
                numbers.fill(full, options: options)
                resampler.resizeMasked(full, into: output)
            })
    }
}
