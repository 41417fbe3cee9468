package import Configuration

/// All files in one folder; what stands for the `*` of a modality's pattern is the sample's key:
/// `frame-12.color.jpg` and `frame-12.depth.png`.
package struct SuffixPairing: PairingRule {
    package let name = "suffix"
    package let summary = "one folder with files such as NAME.color.jpg and NAME.depth.png"

    package init() {}

    package func check(_ manifest: DatasetManifest) throws {
        for modality in manifest.modalities {
            guard modality.pattern.contains("*"), modality.pattern != "*" else {
                throw WatchingError(
                    .layoutMismatch,
                    """
                    the layout `suffix` takes the key from what stands for the `*`, but the \
                    pattern of [\(modality.name)] is `\(modality.pattern)`
                    """, hint: "write a pattern such as \"*.color.jpg\"")
            }
        }
    }

    package func key(of file: String, in folder: String, modality: DatasetManifest.Modality)
        -> String?
    {
        guard let part = Self.starred(in: file, pattern: modality.pattern), !part.isEmpty else {
            return nil
        }
        return folder.isEmpty ? part : "\(folder)/\(part)"
    }

    /// What the first `*` of `pattern` stands for in a name that matches, letter case aside.
    static func starred(in file: String, pattern: String) -> String? {
        let (small, wanted) = (file.lowercased(), pattern.lowercased())
        // Where small letters are as many, a place in one is the same place in the other.
        guard small.count == file.count, small != file || wanted != pattern else {
            return part(of: file, pattern)
        }
        guard let place = range(of: small, wanted) else { return nil }
        return String(file.dropFirst(place.lowerBound).prefix(place.count))
    }

    /// Which characters of a name stand for the first `*`.
    private static func range(of file: String, _ pattern: String) -> Range<Int>? {
        guard let part = part(of: file, pattern), let star = pattern.firstIndex(of: "*") else {
            return nil
        }
        let start = pattern.distance(from: pattern.startIndex, to: star)
        return start..<(start + part.count)
    }

    private static func part(of file: String, _ pattern: String) -> String? {
        guard let star = pattern.firstIndex(of: "*") else { return nil }
        let before = pattern[..<star]
        let rest = pattern[pattern.index(after: star)...]
        guard file.hasPrefix(before) else { return nil }
        let open = file.dropFirst(before.count)
        // The literal text behind the star, up to the next wildcard.
        let literal = rest.prefix { !"*?[".contains($0) }
        if literal.count == rest.count {
            return open.hasSuffix(literal) ? String(open.dropLast(literal.count)) : nil
        }
        guard !literal.isEmpty else { return nil }
        var end = open.endIndex
        while end > open.startIndex {
            end = open.index(before: end)
            if open[end...].hasPrefix(literal) { return String(open[..<end]) }
        }
        return nil
    }

    package func recognise(_ folder: FolderShape) -> DatasetManifest? {
        for colour in ["color", "colour", "rgb"] {
            let colours = folder.files.filter { $0.lowercased().contains(".\(colour).") }
            let depths = folder.files.filter { $0.lowercased().contains(".depth.") }
            guard !colours.isEmpty, !depths.isEmpty else { continue }
            let parts = [("rgb", colours, colour), ("depth", depths, "depth")]
            return DatasetManifest(
                layout: name,
                modalities: parts.map { modality, files, word in
                    DatasetManifest.Modality(
                        name: modality, path: ".",
                        pattern: PairingRules.pattern(
                            of: files, for: modality, in: folder, prefix: "*.\(word)"),
                        options: PairingRules.assumedOptions(modality: modality))
                })
        }
        return nil
    }
}
