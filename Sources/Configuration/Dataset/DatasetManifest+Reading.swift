extension DatasetManifest {
    /// Reads a dataset.toml.
    ///
    /// Whether the layout is one that exists is for the pairing rules to say.
    /// - Parameter readsCamera: false leaves [intrinsics] unread: for who wants to know how files are read, whatever
    ///   version wrote the rest.
    /// - Throws: `ConfigurationError`.
    package init(toml: String, file: String, readsCamera: Bool = true) throws {
        let root = try ConfigurationTable(toml: toml, file: file)
        let layout = try root.string(
            "layout", expected: "the name of a layout, such as \"stem\" or \"suffix\"")
        let registered = try root.boolean("registered", default: true)
        let camera = try root.table("intrinsics")
        let intrinsics = readsCamera ? try Self.intrinsics(camera) : nil
        let labels = try Self.labels(root.table("labels"))
        let split = try Split(root.table("split"))

        var modalities: [Modality] = []
        for name in root.keys where !root.isAsked(name) {
            guard let section = try Self.modalitySection(name, of: root) else { continue }
            modalities.append(try Modality(section, name: name))
        }
        try root.finish()
        guard !modalities.isEmpty else {
            throw ConfigurationError(
                .missingKey, file: file, message: "\(file): found no modality",
                hint: "add sections such as [rgb] and [depth] with `path` and `pattern`")
        }
        self.init(layout: layout, modalities: modalities)
        self.registered = registered
        self.intrinsics = intrinsics
        self.labels = labels
        self.split = split
    }

    /// Any section with a `path` or a `pattern` describes a modality; others are mistakes.
    private static func modalitySection(
        _ name: String, of root: ConfigurationTable
    ) throws -> ConfigurationTable? {
        guard case .table(let members)? = root.members[name] else { return nil }
        let isKnown = ["rgb", "depth"].contains(name)
        guard isKnown || members["path"] != nil || members["pattern"] != nil else { return nil }
        return try root.table(name)
    }

    private static func intrinsics(_ table: ConfigurationTable) throws -> Intrinsics? {
        guard table.isPresent else { return nil }
        // What is not known comes first: who writes a matrix has neither.
        let keys = ["fx", "fy", "cx", "cy", "width", "height"]
        try table.finish(allowing: keys)
        for key in ["width", "height"] where !table.has(key) {
            throw table.error(
                at: key, found: "nothing",
                expected: "pixels of the pictures that `fx` and `fy` are of",
                hint:
                    "write the size that the camera was calibrated at, for instance width = 640 and height = 480"
            )
        }
        let width = try table.integer("width", default: 0, in: 1...65_535)
        let height = try table.integer("height", default: 0, in: 1...65_535)
        let intrinsics = Intrinsics(
            fx: try table.number("fx", .above(0)), fy: try table.number("fy", .above(0)),
            cx: try table.number("cx", default: Double(width - 1) / 2),
            cy: try table.number("cy", default: Double(height - 1) / 2), width: width,
            height: height)
        let focal = intrinsics.focal
        for (key, value, ratio, side) in [
            ("fx", intrinsics.fx, focal.x, width), ("fy", intrinsics.fy, focal.y, height),
        ] where !focalLengths.contains(ratio) {
            throw table.error(
                at: key, found: "\(value) for a side of \(side) pixels",
                expected: "pixels, .2 to 6 sides of a picture",
                hint:
                    "from millimetres: focal length x width in pixels / width of the sensor; drivers print it as K[0] and K[4]"
            )
        }
        // Pixels are square or nearly so: another ratio is a slip of the pen.
        let ratio = intrinsics.fx / intrinsics.fy
        guard (0.5...2).contains(ratio) else {
            throw table.error(
                at: "fy", found: "\(intrinsics.fy) beside fx = \(intrinsics.fx)",
                expected: "about the same number, as pixels are about square",
                hint: "compare both with the camera's calibration")
        }
        for (key, value, side) in [
            ("cx", intrinsics.cx, width), ("cy", intrinsics.cy, height),
        ] where !(0...Double(side)).contains(value) {
            throw table.error(
                at: key, found: "\(value)",
                expected: "a place within the \(side) pixels of the picture",
                hint: "it is near the middle: leave it out if it is not known")
        }
        try table.finish()
        return intrinsics
    }

    /// Of cameras in sides of their pictures: from a field of view of 136 degrees to one of 10.
    private static var focalLengths: ClosedRange<Double> { 0.2...6 }

    private static func labels(_ table: ConfigurationTable) throws -> Labels? {
        guard table.isPresent else { return nil }
        var labels = Labels(
            file: try table.string("file", expected: "the name of a CSV file"))
        try table.checkInside(labels.file, at: "file")
        labels.key = try table.string("key", default: labels.key)
        labels.label = try table.optionalString("label")
        labels.split = try table.optionalString("split")
        labels.group = try table.optionalString("group")
        labels.attributes = try table.strings("attributes")
        try table.finish()
        return labels
    }
}

extension DatasetManifest.Split {
    init(_ table: ConfigurationTable) throws {
        test = try table.number("test", default: test, .within(0..<1))
        group = try table.optionalString("group")
        if let group {
            let captures: Int
            do {
                captures = try GroupExpression.captures(in: group)
            } catch {
                throw table.error(
                    at: "group", expected: "a regular expression", hint: "\(error)")
            }
            guard captures == 1 else {
                throw table.error(
                    at: "group", found: "an expression with \(captures) captures",
                    expected: "a regular expression with one capture",
                    hint: "for keys such as `scene12-007` write '^(scene[0-9]+)-'")
            }
        }
        try table.finish()
    }
}

extension DatasetManifest.Modality {
    /// What the plugins that come with distilld take beside the keys that are read here.
    private static let pluginKeys: [String: [String]] = [
        "rgb": [], "depth": ["byte_order", "bit_rotation", "allow_8bit", "sparse"],
    ]

    init(_ table: ConfigurationTable, name: String) throws {
        let path = try table.string("path", default: ".")
        try table.checkInside(path, at: "path")
        let pattern = try table.string("pattern", default: "*")
        guard !pattern.isEmpty, !pattern.contains("/") else {
            throw table.error(
                at: "pattern", expected: "a pattern for file names, such as \"*.png\"",
                hint: "the folder belongs into `path`")
        }
        var checked: [String: ConfigurationScalar] = [:]
        if name == "depth" {
            checked = try DepthUnits.options(table)
            checked["invalid"] = .number(try table.number("invalid", default: 0))
            let maximum = try table.optionalNumber("maximum", .above(0))
            if let maximum { checked["maximum"] = .number(maximum) }
            checked["maximum"] = checked["maximum"] ?? .number(20)
        }
        // Of our own modalities we know what their plugins take: a mistyped key is one error and not every sample's.
        if let keys = Self.pluginKeys[name] { try table.finish(allowing: keys) }
        // What the section says itself stands above what a preset means.
        let options = checked.merging(try table.remainingScalars()) { $1 }
        try table.finish()
        self.init(name: name, path: path, pattern: pattern, options: options)
    }
}

extension ConfigurationTable {
    /// Whether `key` has been asked for.
    func isAsked(_ key: String) -> Bool { asked.contains(key) }

    /// Refuses paths that lead out of the data set's folder.
    func checkInside(_ path: String, at key: String) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.isEmpty, !path.hasPrefix("/"), !parts.contains("..") else {
            throw error(
                at: key, expected: "a path below the data set's folder",
                hint: "write it relative to the folder of dataset.toml, without `..`")
        }
    }
}
