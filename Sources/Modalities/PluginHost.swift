import Configuration
import Foundation
import Synchronization

/// A plugin that was found and not yet loaded.
package struct DiscoveredPlugin: Sendable, Hashable {
    package let manifest: PluginManifest
    /// The folder that holds manifest and library.
    package let folder: String

    /// The library's path.
    package var library: String { "\(folder)/\(manifest.library)" }

    /// Reads the manifest of one plugin folder after checking who may change it.
    ///
    /// - Throws: `PluginError`.
    package init(folder: String) throws {
        try TrustedFile.check(folder)
        let path = "\(folder)/plugin.toml"
        try TrustedFile.check(path)
        manifest = try PluginManifest(contentsOf: path)
        self.folder = folder
    }
}

/// A folder that looked like a plugin and was refused.
package struct RefusedPlugin: Sendable, Hashable {
    package let folder: String
    package let error: PluginError
}

/// Finds plugins by their manifests, loads each at first use and keeps it.
///
/// A folder either holds a `plugin.toml` itself or one plugin in each subfolder. Earlier folders
/// win where two plugins have the same id or modality.
package final class PluginHost: Sendable {
    /// Usable plugins by precedence; nothing of them has been loaded.
    package let discovered: [DiscoveredPlugin]
    /// What was found and refused, with the reason.
    package let refused: [RefusedPlugin]

    private let loaded = Mutex<[String: ModalityPlugin]>([:])

    /// Reads the manifests below `folders`; missing folders are skipped.
    package init(folders: [String]) {
        var discovered: [DiscoveredPlugin] = []
        var refused: [RefusedPlugin] = []
        for folder in folders.flatMap({ Self.pluginFolders(below: $0, refused: &refused) }) {
            do {
                let plugin = try DiscoveredPlugin(folder: folder)
                if let first = discovered.first(where: { $0.manifest.id == plugin.manifest.id }) {
                    throw PluginError(
                        code: "plugin.shadowed",
                        message: "\(first.folder) comes first and has the same id "
                            + "`\(plugin.manifest.id)`",
                        hint: "remove one of them", path: folder)
                }
                discovered.append(plugin)
            } catch {
                refused.append(RefusedPlugin(folder: folder, error: Self.typed(error, folder)))
            }
        }
        self.discovered = discovered
        self.refused = refused
    }

    /// The plugin of a modality, loaded at first use.
    ///
    /// - Throws: `plugin.unknown_modality`, or why it cannot be loaded.
    package func plugin(modality: String) throws -> ModalityPlugin {
        guard let found = discovered.first(where: { $0.manifest.modality == modality }) else {
            let known = Set(discovered.map { "`\($0.manifest.modality)`" }).sorted()
            let reasons = refused.map { "\($0.error)" }.joined(separator: "; ")
            let near = NearestKey.of(modality, among: discovered.map(\.manifest.modality))
            throw PluginError(
                code: "plugin.unknown_modality",
                message: "no plugin for modality `\(modality)`, there are "
                    + (known.isEmpty ? "none" : known.joined(separator: ", ")),
                hint: near.map { "did you mean `\($0)`?" }
                    ?? (reasons.isEmpty ? "see `distillctl plugins list`" : "refused: \(reasons)"))
        }
        return try load(found)
    }

    /// The plugin of an id, loaded at first use.
    ///
    /// - Throws: `plugin.unknown`, or why it cannot be loaded.
    package func plugin(id: String) throws -> ModalityPlugin {
        guard let found = discovered.first(where: { $0.manifest.id == id }) else {
            throw PluginError(
                code: "plugin.unknown", message: "no plugin has the id `\(id)`",
                hint: "see `distillctl plugins list`")
        }
        return try load(found)
    }

    private func load(_ plugin: DiscoveredPlugin) throws -> ModalityPlugin {
        try loaded.withLock { loaded in
            if let known = loaded[plugin.manifest.id] { return known }
            let value = try PluginLibrary.load(plugin)
            loaded[plugin.manifest.id] = value
            return value
        }
    }

    private static func pluginFolders(
        below folder: String, refused: inout [RefusedPlugin]
    ) -> [String] {
        let manager = FileManager.default
        guard manager.fileExists(atPath: folder) else { return [] }
        if manager.fileExists(atPath: "\(folder)/plugin.toml") { return [folder] }
        do {
            try TrustedFile.check(folder)
            return try manager.contentsOfDirectory(atPath: folder).sorted()
                .map { "\(folder)/\($0)" }
                .filter { manager.fileExists(atPath: "\($0)/plugin.toml") }
        } catch {
            refused.append(RefusedPlugin(folder: folder, error: typed(error, folder)))
            return []
        }
    }

    private static func typed(_ error: any Error, _ folder: String) -> PluginError {
        error as? PluginError
            ?? PluginError(code: "plugin.unreadable", message: "\(error)", path: folder)
    }
}
