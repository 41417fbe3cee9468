import Configuration
import Foundation

/// Why a folder has no layout: what lies below it that has one, and how to add that.
package struct FolderDiagnosis {
    /// In continuation of "found no known layout in PATH".
    package let message: String
    package let hint: String

    private static let deepest = 3
    private static let widest = 200

    /// Looks into a folder that no rule recognises, at most three levels down.
    ///
    /// - Returns: nil where nothing below it looks like pairs either.
    package init?(of root: String, formats: FileFormats) {
        var scenes: [(path: String, manifest: DatasetManifest)] = []
        var files: [String: [String]] = [:]
        var open = [(path: "", depth: 0)]
        var seen = 0
        while !open.isEmpty, seen < Self.widest {
            let (path, depth) = open.removeFirst()
            seen += 1
            guard
                let shape = try? FolderInspector.shape(
                    of: FileNames.join(root, path), formats: formats)
            else { continue }
            let found =
                path.isEmpty ? nil : PairingRules.all.lazy.compactMap { $0.recognise(shape) }.first
            if let found {
                scenes.append((path, found))
                continue
            }
            if !shape.files.isEmpty { files[path] = shape.files }
            guard depth < Self.deepest else { continue }
            open += shape.folders.keys.sorted().map {
                (path.isEmpty ? $0 : "\(path)/\($0)", depth + 1)
            }
        }
        if let first = scenes.first {
            self.init(scenes.map(\.path), like: first.manifest, root: root)
        } else if let manifest = Self.suffixes(files) {
            let place = files.keys.sorted().first { !$0.isEmpty } ?? "."
            self.init(
                message:
                    "but files below it that share a name up to its end, such as those in \(place)",
                hint: "write this dataset.toml into it:\n\(manifest.toml)")
        } else {
            return nil
        }
    }

    private init(message: String, hint: String) {
        self.message = message
        self.hint = hint
    }

    private init(_ scenes: [String], like manifest: DatasetManifest, root: String) {
        let names = scenes.prefix(3).joined(separator: ", ") + (scenes.count > 3 ? ", ..." : "")
        message = "but `\(manifest.layout)` in \(scenes.count) folders below it: \(names)"
        let paths = manifest.modalities.map { ($0.name, $0.path) }.filter { $0.1 != "." }
        guard !paths.isEmpty else {
            hint = "write this dataset.toml into it:\n\(manifest.toml)"
            return
        }
        let links = scenes.prefix(2).flatMap { scene in
            paths.map { name, path in
                "mkdir -p \(root)/\(name) && ln -s \(root)/\(scene)/\(path) \(root)/\(name)/"
                    + scene.replacing("/", with: "-")
            }
        }
        hint =
            "add each by itself: `distillctl datasets add \(root)/\(scenes[0])`; or gather them by links and add "
            + "\(root):\n" + links.joined(separator: "\n") + (scenes.count > 2 ? "\n..." : "")
    }

    /// A manifest for files whose names differ only behind their last digit: `a_1_crop.png`, `a_1_depthcrop.png`.
    private static func suffixes(_ files: [String: [String]]) -> DatasetManifest? {
        var counts: [String: Int] = [:]
        for name in files.filter({ !$0.key.isEmpty }).values.joined() {
            guard let digit = name.dropLast(4).lastIndex(where: \.isNumber) else { continue }
            counts[String(name[name.index(after: digit)...]), default: 0] += 1
        }
        let common = counts.filter { $0.value >= 4 && $0.key.contains(".") }.keys.sorted {
            ($0.count, $0) < ($1.count, $1)
        }
        func first(_ words: [String], without others: [String]) -> String? {
            common.first { suffix in
                let small = suffix.lowercased()
                return (words.isEmpty || words.contains { small.contains($0) })
                    && !others.contains { small.contains($0) }
            }
        }
        let strangers = ["mask", "depth", "label", "seg", "loc", ".txt", ".json", ".csv"]
        guard let depth = first(["depth"], without: ["mask"]),
            let colour = first(["color", "colour", "rgb"], without: strangers)
                ?? first([], without: strangers)
        else { return nil }
        return DatasetManifest(
            layout: "suffix",
            modalities: [("rgb", colour), ("depth", depth)].map { name, suffix in
                DatasetManifest.Modality(
                    name: name, path: ".", pattern: "*\(suffix)",
                    options: PairingRules.assumedOptions(modality: name))
            })
    }
}
