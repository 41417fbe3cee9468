/// What `plugin.toml` says: enough to list a plugin and to choose it without loading it.
package struct PluginManifest: Sendable, Hashable {
    /// The plugin's identity, equal to the `id` in its table.
    package var id: String
    package var version: String
    /// What data sets and recipes call it: `rgb`, `depth`.
    package var modality: String
    /// One sentence for `plugins list`; may be empty.
    package var summary: String
    /// Major and minor version of the contract it was built for.
    package var abi: ABIVersion
    /// The library's file name, in the manifest's folder.
    package var library: String
    /// The library's SHA-256 in hexadecimal; nil where the manifest gives none (development).
    package var sha256: String?
    /// Extensions on offer, by id.
    package var extensions: [String]
    /// File names it reads, as shell patterns.
    package var patterns: [String]
    /// Keys that its section of dataset.toml may hold beside `path` and `pattern`; nil: it does not say, so that a
    /// mistyped one shows only when a file is read.
    package var options: [String]?
    /// Encodings that take the camera's focal length, from `[intrinsics]` of dataset.toml, as `focal` and `focal_y`.
    package var intrinsics: [String]
    /// First bytes of the files it reads, in hexadecimal.
    package var magic: [String]

    /// A version of the plugin contract.
    package struct ABIVersion: Sendable, Hashable, CustomStringConvertible {
        package var major: Int, minor: Int

        /// Makes a version from its parts.
        package init(major: Int, minor: Int) {
            self.major = major
            self.minor = minor
        }

        /// Reads `MAJOR.MINOR`; nil where the text is something else.
        package init?(_ text: String) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let major = UInt16(parts[0]), let minor = UInt16(parts[1])
            else { return nil }
            self.init(major: Int(major), minor: Int(minor))
        }

        package var description: String { "\(major).\(minor)" }
    }
}
