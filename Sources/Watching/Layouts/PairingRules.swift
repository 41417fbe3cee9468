package import Configuration

/// Every layout there is: one line each.
package enum PairingRules {
    package static let all: [any PairingRule] = [
        StemPairing(),
        SuffixPairing(),
    ]

    /// The names that `--layout` takes besides `auto`.
    package static var names: [String] { all.map(\.name) }

    /// The rule that a manifest names, if the manifest suits it.
    ///
    /// - Throws: `WatchingError`.
    package static func rule(for manifest: DatasetManifest, file: String) throws -> any PairingRule
    {
        let rule = try rule(named: manifest.layout, in: file)
        try rule.check(manifest)
        return rule
    }

    static func rule(named name: String, in origin: String) throws -> any PairingRule {
        if let rule = all.first(where: { $0.name == name }) { return rule }
        let nearest = NearestKey.of(name, among: names)
        throw WatchingError(
            .layoutUnknown,
            "\(origin): found the layout `\(name)`, expected \(NearestKey.list(names))",
            hint: nearest.map { "did you mean `\($0)`?" }
                ?? all.map { "\($0.name): \($0.summary)" }.joined(separator: "; "))
    }

    /// The manifest of a folder that has none.
    ///
    /// - Parameter layout: A rule's name, or `auto` for the first rule that recognises the folder.
    package static func recognise(_ shape: FolderShape, layout: String, path: String) throws
        -> DatasetManifest
    {
        let candidates = layout == "auto" ? all : [try rule(named: layout, in: "--layout")]
        for rule in candidates {
            if let manifest = rule.recognise(shape) { return manifest }
        }
        let looks = candidates.map { "\($0.name): \($0.summary)" }.joined(separator: "; ")
        throw WatchingError(
            .layoutMismatch, "found no known layout in \(path), expected \(looks)",
            hint: "write a dataset.toml into it that says where the files are")
    }

    /// The options of a modality whose manifest was made from what its files are called.
    ///
    /// What a unit of depth is no name tells: that is left to the plugin, and said.
    static func assumedOptions(modality: String) -> [String: ConfigurationScalar] {
        modality == "depth" ? ["invalid": .number(0), "maximum": .number(20)] : [:]
    }

    /// `PREFIX.png` where all files that can be a modality's end alike, else `PREFIX.*`.
    static func pattern(
        of files: [String], for modality: String, in folder: FolderShape, prefix: String = "*"
    ) -> String {
        let endings = folder.formats.endings(of: files, as: modality)
        return prefix + (endings.count == 1 ? endings[0] : ".*")
    }
}
