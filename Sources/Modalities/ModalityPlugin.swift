import CDistillPlugin

/// A loaded plugin as a Swift value: one modality's reader, cutter, noise and encodings.
///
/// Every method may be called from several threads at once.
///
/// `@unchecked Sendable`: all stored properties are `let`; the table is a copy that nobody writes,
/// the memory it points to is constant for the life of the process because libraries are never
/// closed, and the contract makes every function that is called here safe for any thread.
package final class ModalityPlugin: @unchecked Sendable {
    package let manifest: PluginManifest
    /// The library's path as loaded and the SHA-256 of its bytes (lowercase hexadecimal).
    package let library: String, libraryDigest: String
    /// The physical unit of decoded values, for instance `metres`.
    package let unit: String
    /// Channels of a decoded sample.
    package let channels: Int
    /// Parts of cache keys: they change whenever the output of `decode` or `view` changes.
    package let decoderVersion: String, viewVersion: String
    /// The encodings on offer; empty if the plugin has none.
    package let encodings: [PluginEncoding]
    /// What `[training.noise]` can set; empty if the plugin's noise has no settings, or it has none.
    package let noiseSettings: [NoiseSetting]

    package var id: String { manifest.id }
    package var version: String { manifest.version }
    package var modality: String { manifest.modality }
    /// The encoding that a recipe without a choice gets.
    package var defaultEncoding: PluginEncoding? { encodings.first { $0.isDefault } }

    let table: distill_plugin
    let encodingTable: distill_encoding_extension?
    let noiseTable: distill_noise_extension?
    let surveyTable: distill_survey_extension?

    init(
        manifest: PluginManifest, library: String, libraryDigest: String, table: distill_plugin,
        extensions: PluginExtensions
    ) throws {
        self.manifest = manifest
        self.library = library
        self.libraryDigest = libraryDigest
        self.table = table
        encodings = try extensions.encodings(intrinsics: manifest.intrinsics)
        encodingTable = extensions.encoding
        noiseSettings = try extensions.noiseSettings()
        noiseTable = extensions.noise
        surveyTable = extensions.survey
        unit = try table.unit.text(of: "`unit`")
        channels = Int(table.channels)
        decoderVersion = try table.decoder_version.text(of: "`decoder_version`")
        viewVersion = try table.view_version.text(of: "`view_version`")
    }

    /// Looks at a file; with `contents` it also decodes it and looks for wrong declarations.
    ///
    /// - Throws: `PluginError` with the plugin's code, such as `file.truncated`.
    package func inspect(
        path: String, options: PluginOptions = [:], contents: Bool = false
    ) throws -> FileHeader {
        var header = distill_header()
        header.struct_size = UInt32(MemoryLayout<distill_header>.size)
        let level = contents ? DISTILL_INSPECT_CONTENT : DISTILL_INSPECT_HEADER
        try call(table.inspect, named: "inspect", path: path) { inspect, status in
            withCOptions(options) { inspect(path, $0, Int32(level.rawValue), &header, &status) }
        }
        return FileHeader(
            format: fixedText(header.format), width: Int(header.width),
            height: Int(header.height), channels: Int(header.channels),
            bitDepth: Int(header.bit_depth),
            warnings: fixedText(header.warnings).split(separator: "\n").map(String.init))
    }

    /// Reads a file in full as physical values.
    ///
    /// The sample may be smaller than the file's picture as long as its short side is at least
    /// `minimumShortSide`; 0 asks for full size.
    /// - Throws: `PluginError` with the plugin's code, such as `file.corrupt`.
    package func decode(
        path: String, options: PluginOptions = [:], minimumShortSide: Int = 0
    ) throws -> DecodedSample {
        try withCOptions(options) { options in
            var shape = distill_shape()
            let side = UInt32(clamping: minimumShortSide)
            try call(table.decode, named: "decode", path: path) { decode, status in
                decode(path, options, side, &shape, nil, 0, &status)
            }
            let count = try checkedCount(shape, path: path)
            let announced = shape
            let values = try [Float](unsafeUninitializedCapacity: count) { buffer, written in
                try call(table.decode, named: "decode", path: path) { decode, status in
                    decode(path, options, side, &shape, buffer.baseAddress, count, &status)
                }
                written = count
            }
            guard shape.dimensions == announced.dimensions else {
                throw PluginError(
                    code: "plugin.shape",
                    message: "`decode` of \(id) announced \(announced.dimensions) and then "
                        + "gave \(shape.dimensions)",
                    path: path)
            }
            return DecodedSample(
                channels: channels, height: Int(shape.height), width: Int(shape.width),
                values: values)
        }
    }

    /// Cuts a view out of a sample, resizes it to `height` x `width` and mirrors it if asked.
    ///
    /// - Shapes: `output` is `[channels, height, width]`.
    package func view(
        _ sample: DecodedSample, view: ViewGeometry, height: Int, width: Int,
        into output: UnsafeMutableBufferPointer<Float>
    ) throws {
        try sample.values.withUnsafeBufferPointer {
            try self.view(
                $0, sourceHeight: sample.height, sourceWidth: sample.width, view: view,
                height: height, width: width, into: output)
        }
    }

    /// Cuts a view out of decoded values that lie anywhere, for instance in a mapped file.
    ///
    /// - Shapes: `source` is `[channels, sourceHeight, sourceWidth]`, `output` is
    ///   `[channels, height, width]`; they must not overlap.
    package func view(
        _ source: UnsafeBufferPointer<Float>, sourceHeight: Int, sourceWidth: Int,
        view: ViewGeometry, height: Int, width: Int, into output: UnsafeMutableBufferPointer<Float>
    ) throws {
        precondition(source.count == channels * sourceHeight * sourceWidth, "source shape")
        precondition(output.count == channels * height * width, "output shape")
        var geometry = distill_view_geometry(
            x: view.x, y: view.y, width: view.width, height: view.height, flip: view.flip ? 1 : 0)
        try call(table.view, named: "view", path: nil) { function, status in
            function(
                source.baseAddress, cShape(height: sourceHeight, width: sourceWidth), &geometry,
                output.baseAddress, cShape(height: height, width: width), &status)
        }
    }

    func cShape(height: Int, width: Int) -> distill_shape {
        distill_shape(
            channels: UInt32(channels), height: UInt32(clamping: height),
            width: UInt32(clamping: width))
    }

    /// The number of values of an announced shape.
    private func checkedCount(_ shape: distill_shape, path: String) throws -> Int {
        let sides: ClosedRange<UInt32> = 1...32_768
        let pixels = Int(shape.height) * Int(shape.width)
        guard Int(shape.channels) == channels, sides.contains(shape.height),
            sides.contains(shape.width), pixels <= 1 << 26
        else {
            throw PluginError(
                code: "plugin.shape",
                message: "`decode` of \(id) announced \(shape.dimensions), expected "
                    + "\(channels) channels, "
                    + "sides of 1 to 32768 and at most 2^26 pixels", path: path)
        }
        return pixels * channels
    }

    /// Calls one function of the plugin and turns what it reports into an error.
    func call<Function>(
        _ function: Function?, named name: String, path: String?,
        _ body: (Function, inout distill_status) throws -> Int32
    ) throws {
        guard let function else {
            throw PluginError(
                code: "plugin.missing_function", message: "plugin \(id) has no `\(name)`")
        }
        var status = distill_status()
        guard try body(function, &status) == 0 else {
            let code = fixedText(status.code)
            let message = fixedText(status.message)
            throw PluginError(
                code: code.isEmpty ? "plugin.failed" : code,
                message: message.isEmpty ? "`\(name)` of \(id) failed without a reason" : message,
                path: path)
        }
    }
}

extension distill_shape {
    /// `[channels, height, width]`, as text and to compare.
    var dimensions: [UInt32] { [channels, height, width] }
}
