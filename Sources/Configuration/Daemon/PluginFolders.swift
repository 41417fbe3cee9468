/// The folders that hold plugins, each in a folder of its own with a plugin.toml.
package enum PluginFolders {
    /// All folders in order of precedence: for development, as configured, the user's, the
    /// administrator's, those beside the program, the system's.
    ///
    /// DISTILL_PLUGIN_PATH (a colon list) counts only where no service manager runs the process.
    package static func search(configured: [String], _ surroundings: Surroundings) -> [String] {
        var folders: [String] = []
        if !surroundings.isManaged, let list = surroundings.environment["DISTILL_PLUGIN_PATH"] {
            folders += list.split(separator: ":").map {
                surroundings.resolve(String($0), in: surroundings.currentFolder)
            }
        }
        folders += configured
        if let user = DefaultPaths(surroundings).userPlugins { folders.append(user) }
        folders.append("/etc/distilld/plugins.d")
        if let executable = surroundings.executable, executable.hasPrefix("/") {
            let folder = Surroundings.tidied("\(executable)/..")
            folders += [
                Surroundings.tidied("\(folder)/../lib/distilld/plugins"),
                Surroundings.tidied("\(folder)/../plugins"),
                Surroundings.tidied("\(folder)/plugins"),
            ]
        }
        folders += ["/usr/local/lib/distilld/plugins", "/usr/lib/distilld/plugins"]
        return folders.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
