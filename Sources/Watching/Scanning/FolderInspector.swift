import Configuration
import Foundation

/// Looks at a folder that somebody wants to add or that may have become a data set.
enum FolderInspector {
    /// The text of the manifest in `root`, or nil where there is none.
    ///
    /// - Throws: `WatchingError` where there is one that cannot be read.
    static func manifestText(in root: String) throws -> String? {
        let path = FileNames.join(root, DatasetManifest.fileName)
        guard FileFacts(path)?.isFile == true else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw WatchingError(
                .rootNotReadable, "cannot read \(path)",
                hint: AccessAdvice.current.hint(toRead: root))
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Reads a manifest and checks that its layout exists and suits it.
    static func manifest(_ text: String, root: String) throws -> DatasetManifest {
        let path = FileNames.join(root, DatasetManifest.fileName)
        do {
            let manifest = try DatasetManifest(toml: text, file: path)
            _ = try PairingRules.rule(for: manifest, file: path)
            return manifest
        } catch let error as ConfigurationError {
            throw WatchingError(.manifestInvalid, error.message, hint: error.hint)
        }
    }

    /// What a folder looks like from above.
    static func shape(of root: String, formats: FileFormats) throws -> FolderShape {
        do {
            let listing = try FolderListing(of: root)
            var folders: [String: [String]] = [:]
            for name in listing.folders where !FileNames.isIgnored(name) {
                let files = try? FolderListing(of: FileNames.join(root, name)).files
                folders[name] = (files ?? []).filter { !FileNames.isIgnored($0) }.sorted()
            }
            return FolderShape(
                files: listing.files.filter { !FileNames.isIgnored($0) }.sorted(), folders: folders,
                formats: formats)
        } catch let error as SystemFailure {
            throw failure(error, root)
        }
    }

    /// The folder itself, links resolved.
    ///
    /// - Throws: `WatchingError` saying what keeps it from being a data set.
    static func resolve(_ path: String) throws -> String {
        guard path.hasPrefix("/") else {
            throw WatchingError(
                .rootMissing, "found the relative path `\(path)`, expected an absolute one")
        }
        guard let resolved = realpath(path, nil) else {
            throw failure(SystemFailure("open", path), path)
        }
        defer { free(resolved) }
        let root = String(cString: resolved)
        guard let facts = FileFacts(root) else { throw failure(SystemFailure("open", root), root) }
        guard facts.isFolder else {
            throw WatchingError(
                .rootNotAFolder, "\(root) is a file, expected a folder",
                hint: "name the folder that holds the recordings")
        }
        do {
            _ = try FolderListing(of: root)
        } catch let error as SystemFailure {
            throw failure(error, root)
        }
        return root
    }

    private static func failure(_ error: SystemFailure, _ path: String) -> WatchingError {
        if error.isDenied {
            return WatchingError(
                .rootNotReadable, error.description,
                hint: AccessAdvice.current.hint(toRead: path))
        }
        return WatchingError(
            .rootMissing, error.description, hint: "check the path; it has to exist on this machine"
        )
    }

    /// A name for the data set in `root`: its folder's, with what a name cannot hold replaced.
    static func name(for root: String) -> String {
        let allowed = FileNames.last(of: root).unicodeScalars.map { scalar -> Character in
            Recipe.isName(String(scalar)) || "._-".unicodeScalars.contains(scalar)
                ? Character(scalar) : "-"
        }
        let name = String(String(allowed).drop { $0 == "." || $0 == "-" }.prefix(60))
        return Recipe.isName(name) ? name : "dataset"
    }
}
