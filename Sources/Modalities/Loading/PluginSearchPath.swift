/// Where plugins are looked for, in the order of precedence.
package enum PluginSearchPath {
    /// The folders of an installation: `configured` ones first, then those of the user, then those
    /// of the system.
    ///
    /// `DISTILL_PLUGIN_PATH` (a colon list, for development) comes before all others, but counts
    /// only where no service manager runs the process.
    package static func folders(
        configured: [String], environment: [String: String]
    ) -> [String] {
        var folders: [String] = []
        let managed = environment["INVOCATION_ID"] != nil || environment["NOTIFY_SOCKET"] != nil
        if !managed, let list = environment["DISTILL_PLUGIN_PATH"] {
            folders += list.split(separator: ":").map(String.init)
        }
        folders += configured
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") {
            folders.append("\(data)/distilld/plugins")
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            folders.append("\(home)/.local/share/distilld/plugins")
        }
        folders += [
            "/etc/distilld/plugins.d", "/usr/local/lib/distilld/plugins",
            "/usr/lib/distilld/plugins",
        ]
        var seen: Set<String> = []
        return folders.filter { seen.insert($0).inserted }
    }
}
