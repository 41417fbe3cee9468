import Configuration
import Foundation

extension PluginManifest {
    /// Reads a `plugin.toml`.
    ///
    /// - Throws: `plugin.unreadable`, or `plugin.manifest` with the reader's sentence.
    package init(contentsOf path: String) throws {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw PluginError(
                code: "plugin.unreadable", message: "it cannot be read as UTF-8 text: \(error)",
                hint: "check that it exists and who may read it", path: path)
        }
        do {
            try self.init(toml: text)
        } catch let error as ConfigurationError {
            throw PluginError(
                code: "plugin.manifest", message: error.message, hint: error.hint, path: path)
        }
    }

    /// Reads a manifest's text.
    ///
    /// - Throws: `ConfigurationError` naming the key.
    package init(toml: String) throws {
        let table = try ConfigurationTable(toml: toml, file: "plugin.toml")
        id = try table.string("id", expected: "the plugin's name, as `distill.depth`")
        version = try table.string("version", expected: "a version, as `1.0.0`")
        modality = try table.string("modality", expected: "a modality's name, as `depth`")
        summary = try table.string("summary", default: "")
        let abi = try table.string("abi", expected: "the contract's version, as `1.0`")
        guard let parsed = ABIVersion(abi) else {
            throw table.error(at: "abi", expected: "major and minor version, as `1.0`")
        }
        self.abi = parsed
        library = try table.string("lib", expected: "the library's file name")
        guard !library.contains("/"), library != "..", library != "." else {
            throw table.error(
                at: "lib", expected: "the name of a file in the manifest's folder, without `/`")
        }
        let digest = try table.string("sha256", default: "")
        guard digest.isEmpty || digest.count == 64 && digest.allSatisfy(\.isHexDigit) else {
            throw table.error(at: "sha256", expected: "64 hexadecimal digits or nothing")
        }
        sha256 = digest.isEmpty ? nil : digest
        extensions = try table.strings("extensions")
        patterns = try table.strings("patterns")
        options = table.has("options") ? try table.strings("options") : nil
        intrinsics = try table.strings("intrinsics")
        magic = try table.strings("magic")
        guard magic.allSatisfy({ $0.count % 2 == 0 && $0.allSatisfy(\.isHexDigit) }) else {
            throw table.error(at: "magic", expected: "first bytes in hexadecimal, as `ffd8ff`")
        }
        try table.finish()
    }
}
