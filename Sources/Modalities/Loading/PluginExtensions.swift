import CDistillPlugin

/// The tables that a plugin offers beside its own, copied and checked.
struct PluginExtensions {
    let encoding: distill_encoding_extension?
    let noise: distill_noise_extension?
    let survey: distill_survey_extension?

    /// - Throws: `plugin.missing_function`.
    init(of table: distill_plugin) throws {
        encoding = Self.copy(
            DISTILL_EXTENSION_ENCODING, of: table, as: distill_encoding_extension()
        ) {
            $0.struct_size
        }
        noise = Self.copy(DISTILL_EXTENSION_NOISE, of: table, as: distill_noise_extension()) {
            $0.struct_size
        }
        survey = Self.copy(DISTILL_EXTENSION_SURVEY, of: table, as: distill_survey_extension()) {
            $0.struct_size
        }
        try Self.require(survey == nil || survey?.survey != nil, "survey", "survey")
        try Self.require(encoding == nil || encoding?.build != nil, "encoding", "build")
        try Self.require(noise == nil || noise?.apply != nil, "noise", "apply")
    }

    private static func copy<Table>(
        _ name: String, of table: distill_plugin, as empty: Table, size: (Table) -> UInt32
    ) -> Table? {
        guard let found = table.get_extension?(name) else { return nil }
        let source = found.assumingMemoryBound(to: Table.self)
        var copy = empty
        PluginLibrary.copyTable(from: source, size: size(source.pointee), into: &copy)
        return copy
    }

    private static func require(_ isThere: Bool, _ name: String, _ function: String) throws {
        guard !isThere else { return }
        throw PluginError(
            code: "plugin.missing_function",
            message: "its \(name) extension has no `\(function)`")
    }

    /// - Parameter intrinsics: the names of those that take a focal length.
    /// - Throws: `plugin.table` where not exactly one is the default or a name is none.
    func encodings(intrinsics: [String]) throws -> [PluginEncoding] {
        guard let encoding else { return try Self.checked([], intrinsics: intrinsics) }
        let list = UnsafeBufferPointer(
            start: encoding.encodings, count: Int(min(encoding.count, 256)))
        let encodings = try list.map { encoding in
            let name = try encoding.name.text(of: "encoding's name")
            return PluginEncoding(
                name: name,
                version: try encoding.version.text(of: "encoding's version"),
                summary: encoding.summary.map { String(cString: $0) } ?? "",
                channels: Int(encoding.channels), isDefault: encoding.is_default != 0,
                takesFocalLength: intrinsics.contains(name))
        }
        return try Self.checked(encodings, intrinsics: intrinsics)
    }

    private static func checked(
        _ encodings: [PluginEncoding], intrinsics: [String]
    ) throws -> [PluginEncoding] {
        guard encodings.isEmpty || encodings.filter(\.isDefault).count == 1 else {
            throw PluginError(
                code: "plugin.table",
                message: "\(encodings.filter(\.isDefault).count) of its encodings are the default",
                hint: "mark exactly one with `is_default`")
        }
        if let stranger = intrinsics.first(where: { name in
            !encodings.contains { $0.name == name }
        }) {
            throw PluginError(
                code: "plugin.table",
                message:
                    "`intrinsics` of plugin.toml names `\(stranger)`, which is no encoding of its own",
                hint: "its encodings are \(encodings.map(\.name))")
        }
        return encodings
    }

    /// - Throws: `plugin.table` for a setting whose usual value lies outside its range, or a name that comes twice.
    func noiseSettings() throws -> [NoiseSetting] {
        guard let noise else { return [] }
        let list = UnsafeBufferPointer(start: noise.settings, count: Int(min(noise.count, 64)))
        let settings = try list.map { setting in
            guard setting.minimum <= setting.usual, setting.usual <= setting.maximum else {
                throw PluginError(
                    code: "plugin.table",
                    message: "a noise setting's usual value \(setting.usual) lies outside "
                        + "\(setting.minimum) to \(setting.maximum)")
            }
            return NoiseSetting(
                name: try setting.name.text(of: "noise setting's name"),
                summary: setting.summary.map { String(cString: $0) } ?? "", usual: setting.usual,
                range: setting.minimum...setting.maximum)
        }
        guard Set(settings.map(\.name)).count == settings.count else {
            throw PluginError(
                code: "plugin.table", message: "two of its noise settings share a name")
        }
        return settings
    }
}
