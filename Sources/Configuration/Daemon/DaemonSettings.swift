import Foundation

/// What the daemon runs with: its file, overridden by its command line, over the default paths.
package struct DaemonSettings: Sendable, Equatable {
    /// What the command line may override.
    package struct Overrides: Sendable, Equatable {
        package var socket: String?
        package var state: String?
        /// Empty: as the file says.
        package var datasets: [String] = []

        package init(socket: String? = nil, state: String? = nil, datasets: [String] = []) {
            self.socket = socket
            self.state = state
            self.datasets = datasets
        }
    }

    /// The file that was read; nil where there was none.
    package var file: String?
    package var socket: String
    package var state: String
    /// Folders below which every folder with a dataset.toml is a data set.
    package var datasets: [String]
    /// Compute threads of a worker; 0: all cores.
    package var threads: Int
    package var cacheFolder: String
    /// Bytes that all caches together may take; nil: min(50 GB, 20 % of the free disk).
    package var cacheQuota: Int64?
    /// Every folder that is searched for plugins, in order.
    package var pluginFolders: [String]
    /// Jobs that run at once.
    package var workers: Int
    package var logLevel: LogLevel

    /// Reads the settings again or for the first time.
    ///
    /// - Parameters:
    ///   - configuration: The value of `--config`; nil: the default file, which need not exist.
    ///   - overrides: What the command line says.
    /// - Throws: `ConfigurationError`.
    package static func load(
        configuration: String?, overrides: Overrides, surroundings: Surroundings
    ) throws -> DaemonSettings {
        let path =
            configuration.map { surroundings.resolve($0, in: surroundings.currentFolder) }
            ?? DefaultPaths(surroundings).configuration
        guard configuration != nil || FileManager.default.fileExists(atPath: path) else {
            return try DaemonSettings(
                toml: "", file: nil, overrides: overrides, surroundings: surroundings)
        }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ConfigurationError(
                .unreadable, file: path,
                message: "cannot read \(path): \(error.localizedDescription)",
                hint: "check that the file exists, is UTF-8 text and may be read by this user")
        }
        return try DaemonSettings(
            toml: text, file: path, overrides: overrides, surroundings: surroundings)
    }

    /// Reads a distilld.toml; relative paths count from the file's folder.
    package init(
        toml: String, file: String?, overrides: Overrides = Overrides(), surroundings: Surroundings
    ) throws {
        let root = try ConfigurationTable(toml: toml, file: file ?? "distilld.toml")
        let defaults = DefaultPaths(surroundings)
        let home = file.map { Surroundings.tidied("\($0)/..") } ?? surroundings.currentFolder
        func inFile(_ path: String) -> String { surroundings.resolve(path, in: home) }
        func inShell(_ path: String) -> String {
            surroundings.resolve(path, in: surroundings.currentFolder)
        }

        // Asked for in any case: an overridden key is still a known one.
        let writtenState = try root.optionalString("state").map(inFile)
        let givenState = overrides.state.map(inShell) ?? writtenState
        let state = givenState ?? defaults.state
        let socket = try root.optionalString("socket").map(inFile)
        let datasets = try root.strings("datasets", single: true).map(inFile)
        let cache = try root.table("cache")
        let cacheFolder = try cache.optionalString("folder").map(inFile)
        let plugins = try root.table("plugins")
        let queue = try root.table("queue")
        let log = try root.table("log")

        self.file = file
        self.state = state
        self.socket =
            overrides.socket.map(inShell) ?? socket ?? defaults.socket ?? "\(state)/distilld.sock"
        // Whoever names a state folder gets everything that is not named in there.
        self.datasets =
            !overrides.datasets.isEmpty
            ? overrides.datasets.map(inShell)
            : !datasets.isEmpty
                ? datasets : [givenState.map { "\($0)/datasets" } ?? defaults.datasets]
        threads = try root.integer("threads", default: 0, in: 0...4096)
        self.cacheFolder = cacheFolder ?? givenState.map { "\($0)/cache" } ?? defaults.cache
        cacheQuota = try cache.optionalNumber("quota_gb", .within(0...1_000_000)).map {
            Int64($0 * 1_000_000_000)
        }
        pluginFolders = PluginFolders.search(
            configured: try plugins.strings("folders").map(inFile), surroundings)
        workers = try queue.integer("workers", default: 1, in: 1...64)
        logLevel = try log.choice("level", default: .info)
        for table in [cache, plugins, queue, log, root] { try table.finish() }
        try SocketPath.check(
            self.socket, from: overrides.socket != nil ? "--socket" : file ?? "the default path")
    }

    /// The settings as a configuration file, everything written out.
    package var toml: String {
        var writer = TOMLWriter()
        writer.write("socket", socket)
        writer.write("state", state)
        writer.write("datasets", datasets)
        writer.write("threads", threads)
        writer.section("cache")
        writer.write("folder", cacheFolder)
        if let cacheQuota { writer.write("quota_gb", Double(cacheQuota) / 1_000_000_000) }
        writer.section("plugins")
        writer.write("folders", pluginFolders)
        writer.section("queue")
        writer.write("workers", workers)
        writer.section("log")
        writer.write("level", logLevel.rawValue)
        return writer.text
    }
}
