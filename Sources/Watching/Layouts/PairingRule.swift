package import Configuration

/// How files become samples: the rule of one layout.
///
/// A rule is a pure function of names: it never looks at the disk.
package protocol PairingRule: Sendable {
    /// What a manifest's `layout` calls it.
    var name: String { get }

    /// One sentence for help texts and errors.
    var summary: String { get }

    /// Refuses manifests that the rule cannot work with.
    func check(_ manifest: DatasetManifest) throws

    /// The key of the sample that a file belongs to, or nil where it is no file of this modality.
    ///
    /// - Parameters:
    ///   - file: The file's name; it matches the modality's pattern.
    ///   - folder: The file's folder below the modality's `path`, such as `scene1/night`; empty for the
    ///     modality's own folder.
    func key(of file: String, in folder: String, modality: DatasetManifest.Modality) -> String?

    /// The manifest of a folder that has none, or nil where the folder does not look like this layout.
    func recognise(_ folder: FolderShape) -> DatasetManifest?
}

/// What a data set's folder looks like from above.
package struct FolderShape: Sendable {
    /// Names of the files in the folder itself.
    package var files: [String]
    /// Names of its folders, each with names of files in it (a few are enough).
    package var folders: [String: [String]]
    /// Which files can be whose.
    package var formats: FileFormats

    /// Makes a shape.
    package init(
        files: [String], folders: [String: [String]], formats: FileFormats = .usual
    ) {
        self.files = files
        self.folders = folders
        self.formats = formats
    }

    /// The folder of one of these names, whatever its letters' case, as it is written.
    func folder(named names: [String]) -> String? {
        for name in names {
            if let found = folders.keys.sorted().first(where: { $0.lowercased() == name }) {
                return found
            }
        }
        return nil
    }
}
