package import Catalog
import Configuration
import Foundation

extension WatchService {
    /// Makes a data set of a folder and answers once it is looked through.
    ///
    /// A folder without a dataset.toml gets a manifest from what its files are called; it is kept in
    /// the catalog, the folder is not touched.
    /// - Parameters:
    ///   - path: The folder's absolute path.
    ///   - name: nil: the folder's name, made unique.
    ///   - layout: A rule's name, or `auto` for what the manifest says or the folder looks like.
    /// - Throws: `WatchingError`, `CatalogError`.
    package func add(
        path: String, name: String? = nil, layout: String = "auto"
    ) async throws -> AddedDataset {
        if flags.isStopped { throw stopped }
        if let name, !Recipe.isName(name) {
            throw WatchingError(
                .nameInvalid,
                "found the name `\(name)`, expected 1 to 100 letters, digits, `.`, `_` "
                    + "or `-`, not beginning with `.` or `-`")
        }
        let formats = settings.formats
        let root = try await Blocking.run { try FolderInspector.resolve(path) }
        let described = try await Blocking.run {
            try Described(root: root, layout: layout, formats: formats)
        }
        let (dataset, isNew) = try await enter(described, root: root, name: name, layout: layout)
        take(dataset, scanAt: nil)
        let summary: ScanSummary
        do {
            summary = try await settledScan(dataset.id)
        } catch let error as WatchingError where isNew {
            // What could not be looked through once was not added.
            _ = try? await remove("\(dataset.name)")
            throw error
        }
        return AddedDataset(
            dataset: try await catalog.dataset(id: dataset.id), summary: summary)
    }

    private func enter(
        _ described: Described, root: String, name: String?, layout: String
    ) async throws -> (CatalogDataset, isNew: Bool) {
        // Discovered a moment ago, or added before: asking again is no mistake.
        func known() async throws -> CatalogDataset? {
            guard let known = try await catalog.dataset(root: root),
                name == nil || name == known.name,
                layout == "auto" || layout == known.layout
            else { return nil }
            return known
        }
        if let known = try await known() { return (known, isNew: false) }
        let free = try await catalog.freeDatasetName(FolderInspector.name(for: root))
        do {
            let dataset = try await catalog.add(
                NewDataset(
                    name: name ?? free, root: root, layout: described.manifest.layout,
                    manifest: described.text,
                    modalities: described.manifest.modalities.map(\.name), origin: .added))
            return (dataset, isNew: true)
        } catch let error as CatalogError where error.code == .conflict {
            if let known = try await known() { return (known, isNew: false) }
            throw error
        }
    }

    /// Forgets a data set; its folder is never touched.
    ///
    /// - Throws: `CatalogError`.
    @discardableResult
    package func remove(_ reference: String) async throws -> CatalogDataset {
        let dataset = try await catalog.removeDataset(reference)
        watched[dataset.id] = nil
        labels.forget(below: dataset.root)
        manifests.forget(below: dataset.root)
        let isShared =
            settings.roots.contains { FileNames.lies(dataset.root, within: $0) }
            || watched.values.contains {
                FileNames.lies($0.root, within: dataset.root)
                    || FileNames.lies(dataset.root, within: $0.root)
            }
        if !isShared { monitor.unwatch(below: dataset.root) }
        return dataset
    }

    /// The manifest of a folder that is to be added.
    private struct Described: Sendable {
        var text: String
        var manifest: DatasetManifest

        init(root: String, layout: String, formats: FileFormats) throws {
            if let written = try FolderInspector.manifestText(in: root) {
                text = written
                manifest = try FolderInspector.manifest(written, root: root)
                try formats.check(manifest)
                if layout != "auto" {
                    _ = try PairingRules.rule(named: layout, in: "--layout")
                    guard layout == manifest.layout else {
                        throw WatchingError(
                            .layoutMismatch,
                            """
                            found `--layout \(layout)`, but \(root)/\(DatasetManifest.fileName) \
                            says `\(manifest.layout)`
                            """, hint: "leave --layout out, or change the manifest")
                    }
                }
                return
            }
            do {
                manifest = try PairingRules.recognise(
                    FolderInspector.shape(of: root, formats: formats), layout: layout, path: root)
            } catch let error as WatchingError where error.code == .layoutMismatch {
                guard let found = FolderDiagnosis(of: root, formats: formats) else { throw error }
                throw WatchingError(
                    .layoutMismatch, "found no known layout in \(root) itself, \(found.message)",
                    hint: found.hint)
            }
            text = manifest.toml
        }
    }
}
