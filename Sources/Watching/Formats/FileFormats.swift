package import Configuration
import Foundation

/// Which files can be a modality's, by their names: what the plugins say that they read.
package struct FileFormats: Sendable, Equatable {
    /// Shell patterns by modality, such as `*.png`; letter case does not matter.
    package var patterns: [String: [String]]

    /// What a modality's section of dataset.toml may hold besides, by modality; others are not checked.
    package var options: [String: [String]]

    /// Modalities with an encoding that takes a focal length.
    package var cameras: Set<String>

    package init(
        patterns: [String: [String]], options: [String: [String]] = [:], cameras: Set<String> = []
    ) {
        self.patterns = patterns
        self.options = options
        self.cameras = cameras
    }

    /// - Throws: `WatchingError.manifestInvalid` for a key that the modality's plugin does not know, and for
    ///   [intrinsics] that no modality has a use for.
    package func check(_ manifest: DatasetManifest) throws {
        let names = manifest.modalities.map(\.name)
        // Of a modality that no plugin reads nobody knows.
        if manifest.intrinsics != nil, names.allSatisfy({ patterns[$0] != nil }),
            cameras.isDisjoint(with: names)
        {
            let takers = cameras.sorted().joined(separator: ", ")
            throw WatchingError(
                .manifestInvalid,
                "\(DatasetManifest.fileName): no encoding of \(names.joined(separator: ", ")) takes the "
                    + "focal length of [intrinsics]",
                hint: "remove the section; there are encodings that do for "
                    + (takers.isEmpty ? "no modality" : takers))
        }
        for modality in manifest.modalities {
            guard let known = options[modality.name],
                let stranger = modality.options.keys.sorted().first(where: { !known.contains($0) })
            else { continue }
            let keys = known + ["path", "pattern"]
            let near = NearestKey.of(stranger, among: keys).map { "did you mean `\($0)`? " } ?? ""
            throw WatchingError(
                .manifestInvalid,
                "\(DatasetManifest.fileName): unknown key `\(modality.name).\(stranger)`",
                hint:
                    "\(near)the plugin for \(modality.name) knows \(NearestKey.list(keys.sorted()))"
            )
        }
    }

    /// What the plugins read that come with distilld.
    package static let usual = FileFormats(
        patterns: [
            "rgb": ["*.jpg", "*.jpeg", "*.png", "*.ppm", "*.pgm"],
            "depth": ["*.png", "*.pgm", "*.npy"],
        ], cameras: ["depth"])

    /// Whether a file may be one of a modality's; all may of a modality that nobody knows.
    func accepts(_ name: String, as modality: String) -> Bool {
        guard let known = patterns[modality] else { return true }
        return known.contains { FileNames.matches(name, $0) }
    }

    /// The endings of files that can be a modality's, the most frequent first.
    func endings(of files: [String], as modality: String) -> [String] {
        let visible = files.filter { !FileNames.isIgnored($0) && accepts($0, as: modality) }
        let counts = Dictionary(grouping: visible, by: FileNames.ending).mapValues(\.count)
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }

    /// The files that can be a modality's, those in the format of most of them first, and the others.
    func sorted<File>(
        _ files: [File], as modality: String, by path: (File) -> String
    ) -> (pictures: [File], others: [File]) {
        func name(_ file: File) -> String { FileNames.last(of: path(file)) }
        let endings = endings(of: files.map(name), as: modality)
        let pictures = endings.flatMap { ending in
            files.filter { accepts(name($0), as: modality) && FileNames.ending(name($0)) == ending }
        }
        return (pictures, files.filter { !accepts(name($0), as: modality) })
    }

    /// How to bring files into a format that is read; nil for what is no picture.
    static func conversion(of ending: String, for modality: String) -> String? {
        let target = modality == "rgb" ? "PNG or JPEG" : "16-bit PNG or NPY"
        return switch ending {
        case ".tif", ".tiff":
            "convert them to \(target), for instance with ImageMagick: `mogrify -format png *\(ending)`"
        case ".exr":
            "convert them to NPY of float metres, for instance with Python's OpenEXR or imageio"
        case ".npz":
            "unpack the array: `numpy.save(\"NAME.npy\", numpy.load(\"NAME.npz\")[\"KEY\"])`"
        case ".webp", ".bmp", ".heic", ".gif":
            "convert them to \(target): `mogrify -format png *\(ending)`"
        case ".h5", ".hdf5", ".mat", ".pfm", ".raw", ".bin", ".dat":
            "convert them to \(target), one file a frame"
        case ".mp4", ".avi", ".mkv", ".mov", ".bag", ".mcap", ".svo":
            "extract the frames: one \(target) a frame"
        default: nil
        }
    }
}
