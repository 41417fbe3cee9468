import CDistillPlugin
import Foundation
import Synchronization

/// The only place that opens a plugin's library and believes its table after checking it.
enum PluginLibrary {
    /// Loads the library that a manifest names.
    ///
    /// The library stays mapped until the process ends: Swift code cannot be unloaded, and tables
    /// point into it.
    /// - Throws: `PluginError` with one of the codes `plugin.unreadable`,
    ///   `plugin.writable_by_others`, `plugin.foreign_owner`, `plugin.sha256`, `plugin.load`,
    ///   `plugin.entry`, `plugin.magic`, `plugin.abi`, `plugin.table`, `plugin.mismatch`,
    ///   `plugin.missing_function`.
    static func load(_ discovered: DiscoveredPlugin) throws -> ModalityPlugin {
        let manifest = discovered.manifest
        let path = discovered.library
        do {
            try checkABI(major: manifest.abi.major, minor: manifest.abi.minor)
            for place in trustedPlaces(discovered) { try TrustedFile.check(place) }
            let digest = try TrustedFile.sha256(path)
            if let expected = manifest.sha256, expected.lowercased() != digest {
                throw PluginError(
                    code: "plugin.sha256",
                    message: "its SHA-256 is \(digest), the manifest says \(expected)",
                    hint: "install library and manifest of the same build")
            }
            let source = try table(from: open(path))
            let table = try checkedTable(source, manifest: manifest)
            try initialize(table, at: UInt(bitPattern: source))
            return try ModalityPlugin(
                manifest: manifest, library: path, libraryDigest: digest, table: table,
                extensions: PluginExtensions(of: table))
        } catch var error as PluginError {
            error.path = error.path ?? path
            throw error
        }
    }

    /// The name of the entry function that belongs to a library's file name.
    static func entryName(of path: String) -> String {
        var name = Substring(path.split(separator: "/").last ?? "")
        for prefix in ["lib", "distill-modality-"] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
        }
        let stem = name.prefix { $0 != "." }.map { character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "_"
        }
        return "distill_plugin_entry_\(String(stem))"
    }

    /// The library, its manifest and the folders that hold them, links resolved.
    private static func trustedPlaces(_ discovered: DiscoveredPlugin) -> [String] {
        let real = URL(fileURLWithPath: discovered.library).resolvingSymlinksInPath()
        return [
            discovered.folder, "\(discovered.folder)/plugin.toml",
            real.deletingLastPathComponent().path, discovered.library,
        ]
    }

    private static func open(_ path: String) throws -> distill_plugin_entry_function {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw PluginError(
                code: "plugin.load",
                message: "it cannot be loaded: \(dlerror().map { String(cString: $0) } ?? "?")",
                hint: "check that it is a shared library for this machine and has what it needs")
        }
        let name = entryName(of: path)
        guard let symbol = dlsym(handle, name) ?? dlsym(handle, "distill_plugin_entry") else {
            throw PluginError(
                code: "plugin.entry",
                message: "it exports neither `\(name)` nor `distill_plugin_entry`",
                hint: "export the entry function named after the library's file name")
        }
        return unsafeBitCast(symbol, to: distill_plugin_entry_function.self)
    }

    private static func table(
        from entry: distill_plugin_entry_function
    ) throws -> UnsafePointer<distill_plugin> {
        guard let source = entry() else {
            throw PluginError(code: "plugin.table", message: "its entry function returned null")
        }
        return source
    }

    private static func checkABI(major: Int, minor: Int) throws {
        guard major == Int(DISTILL_ABI_MAJOR), minor <= Int(DISTILL_ABI_MINOR) else {
            throw PluginError(
                code: "plugin.abi",
                message: "it was built for plugin ABI \(major).\(minor), this program has "
                    + "\(DISTILL_ABI_MAJOR).\(DISTILL_ABI_MINOR)",
                hint: major == Int(DISTILL_ABI_MAJOR)
                    ? "update distilld" : "build the plugin against this program's header")
        }
    }

    /// Copies the plugin's table as far as both sides know it and checks every field.
    private static func checkedTable(
        _ source: UnsafePointer<distill_plugin>, manifest: PluginManifest
    ) throws -> distill_plugin {
        guard source.pointee.magic == UInt32(DISTILL_PLUGIN_MAGIC) else {
            throw PluginError(
                code: "plugin.magic",
                message: "its table begins with 0x\(String(source.pointee.magic, radix: 16)), "
                    + "expected 0x\(String(DISTILL_PLUGIN_MAGIC, radix: 16))",
                hint: "set `magic` to DISTILL_PLUGIN_MAGIC")
        }
        try checkABI(
            major: Int(source.pointee.abi_major), minor: Int(source.pointee.abi_minor))
        var table = distill_plugin()
        copyTable(from: source, size: source.pointee.struct_size, into: &table)
        for (field, text, expected) in [
            ("id", table.id, manifest.id), ("version", table.version, manifest.version),
            ("modality", table.modality, manifest.modality),
        ] {
            let found = try text.text(of: "`\(field)`")
            guard found == expected else {
                throw PluginError(
                    code: "plugin.mismatch",
                    message: "its \(field) is `\(found)`, the manifest says `\(expected)`",
                    hint: "install library and manifest of the same build")
            }
        }
        guard (1...64).contains(table.channels) else {
            throw PluginError(
                code: "plugin.table", message: "it declares \(table.channels) channels",
                hint: "a modality has 1 to 64")
        }
        guard table.inspect != nil, table.decode != nil, table.view != nil else {
            throw PluginError(
                code: "plugin.missing_function",
                message: "its table lacks `inspect`, `decode` or `view`",
                hint: "every plugin must offer these three")
        }
        return table
    }

    /// Gives the plugin the host's table, once in the life of the process however many hosts load it.
    private static func initialize(_ table: distill_plugin, at address: UInt) throws {
        try initialized.withLock { initialized in
            guard let initialize = table.initialize, !initialized.contains(address) else { return }
            var status = distill_status()
            guard initialize(HostTable.shared.pointer, &status) == 0 else {
                throw PluginError(
                    code: "plugin.initialize",
                    message: "it refused to start: \(fixedText(status.message))")
            }
            initialized.insert(address)
        }
    }

    /// The addresses of the tables whose plugins have been initialised.
    private static let initialized = Mutex<Set<UInt>>([])

    /// Copies what both sides know of a table and leaves zeroes beyond.
    static func copyTable<Table>(
        from source: UnsafePointer<Table>, size: UInt32, into table: inout Table
    ) {
        withUnsafeMutableBytes(of: &table) { bytes in
            let known = min(Int(size), bytes.count)
            bytes.copyMemory(
                from: UnsafeRawBufferPointer(start: UnsafeRawPointer(source), count: known))
        }
    }
}
