import Configuration
import ControlProtocol
import Foundation

/// What plugin folders hold, by their manifests alone: no plugin's code is ever loaded here.
enum PluginListing {
    static func list(folders: [String]) -> [PluginSummary] {
        var seen: Set<String> = []
        var plugins: [PluginSummary] = []
        for folder in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names.sorted() {
                let home = "\(folder)/\(name)"
                guard FileManager.default.fileExists(atPath: "\(home)/plugin.toml") else {
                    continue
                }
                var plugin = describe(home, name)
                if plugin.state == "available", !seen.insert(plugin.id).inserted {
                    plugin.state = "shadowed"
                    plugin.reason = "an earlier folder has the same id"
                }
                plugins.append(plugin)
            }
        }
        return plugins
    }

    private static func describe(_ home: String, _ name: String) -> PluginSummary {
        let file = "\(home)/plugin.toml"
        do {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            // The rest of the manifest belongs to the worker, which checks it when it loads the
            // plugin.
            let manifest = try ConfigurationTable(toml: text, file: file)
            var plugin = PluginSummary(
                id: try manifest.string("id"), version: try manifest.string("version"),
                modality: try manifest.string("modality"), folder: home,
                library: try manifest.string("lib"), state: "available",
                patterns: try manifest.strings("patterns"),
                options: manifest.has("options") ? try manifest.strings("options") : nil,
                intrinsics: manifest.has("intrinsics") ? try manifest.strings("intrinsics") : nil)
            if !FileManager.default.fileExists(atPath: "\(home)/\(plugin.library)") {
                plugin.state = "unreadable"
                plugin.reason = "its library \(plugin.library) is not there"
            }
            return plugin
        } catch {
            return PluginSummary(
                id: name, version: "", modality: "", folder: home, library: "",
                state: "unreadable", reason: "\(error)")
        }
    }
}
