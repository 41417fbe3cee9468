/// A plugin as its manifest describes it; listing runs none of its code.
package struct PluginSummary: Codable, Sendable, Equatable {
    package var id: String
    package var version: String
    package var modality: String
    /// The folder that holds plugin.toml.
    package var folder: String
    package var library: String
    /// `available`, `quarantined`, `shadowed` (an earlier folder has the same id) or `unreadable`.
    package var state: String
    package var reason: String?
    /// The names of files that it may read, as shell patterns.
    package var patterns: [String]
    /// Keys that its section of dataset.toml may hold; nil: it does not say.
    package var options: [String]?
    /// Its encodings that take the camera's focal length.
    package var intrinsics: [String]?

    package init(
        id: String, version: String, modality: String, folder: String, library: String,
        state: String, reason: String? = nil, patterns: [String] = [],
        options: [String]? = nil, intrinsics: [String]? = nil
    ) {
        self.id = id
        self.version = version
        self.modality = modality
        self.folder = folder
        self.library = library
        self.state = state
        self.reason = reason
        self.patterns = patterns
        self.options = options
        self.intrinsics = intrinsics
    }
}

package struct PluginReply: Codable, Sendable, Equatable {
    package var plugin: PluginSummary

    package init(plugin: PluginSummary) {
        self.plugin = plugin
    }
}

package struct PluginsReply: Codable, Sendable, Equatable {
    package var plugins: [PluginSummary]
    /// The folders that were searched, in order.
    package var folders: [String]

    package init(plugins: [PluginSummary], folders: [String]) {
        self.plugins = plugins
        self.folders = folders
    }
}

package struct ListPlugins: ControlRequest {
    package typealias Reply = PluginsReply
    package init() {}
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "plugins"] }
}

package struct UnquarantinePlugin: ControlRequest {
    package typealias Reply = PluginReply
    package var id: String
    package init(_ id: String) { self.id = id }
    package var method: ControlMethod { .post }
    package var path: [String] { ["v1", "plugins", id, "unquarantine"] }
}
