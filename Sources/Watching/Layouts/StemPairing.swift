package import Configuration

/// One folder for each modality; files of one sample share their name up to the extension:
/// `rgb/000012.jpg` and `depth/000012.png`.
package struct StemPairing: PairingRule {
    package let name = "stem"
    package let summary = "folders such as rgb/ and depth/ whose files share their names"

    package init() {}

    package func check(_ manifest: DatasetManifest) throws {
        var owners: [String: String] = [:]
        for modality in manifest.modalities {
            let place = "\(modality.path) \(modality.pattern)"
            if let other = owners.updateValue(modality.name, forKey: place) {
                throw WatchingError(
                    .layoutMismatch,
                    """
                    the layout `stem` needs a folder or a pattern of its own for each modality, but \
                    [\(other)] and [\(modality.name)] both name `\(modality.path)` with \
                    `\(modality.pattern)`
                    """, hint: "give one of them another `path`")
            }
        }
    }

    package func key(of file: String, in folder: String, modality: DatasetManifest.Modality)
        -> String?
    {
        let stem = Self.stem(of: file)
        return folder.isEmpty ? stem : "\(folder)/\(stem)"
    }

    /// The name without its last extension; a name that is all extension is kept.
    static func stem(of file: String) -> String {
        guard let dot = file.lastIndex(of: "."), dot != file.startIndex else { return file }
        return String(file[..<dot])
    }

    package func recognise(_ folder: FolderShape) -> DatasetManifest? {
        guard let colour = folder.folder(named: ["rgb", "color", "colour"]),
            let depth = folder.folder(named: ["depth"])
        else { return nil }
        let places = [("rgb", colour), ("depth", depth)]
        return DatasetManifest(
            layout: name,
            modalities: places.map { modality, path in
                let files = folder.folders[path] ?? []
                return DatasetManifest.Modality(
                    name: modality, path: path,
                    pattern: PairingRules.pattern(of: files, for: modality, in: folder),
                    options: PairingRules.assumedOptions(modality: modality))
            })
    }
}
