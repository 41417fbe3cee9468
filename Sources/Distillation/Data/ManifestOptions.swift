package import Configuration
package import Modalities

/// What a data set's manifest tells the plugins.
package struct ManifestOptions: Sendable {
    package let manifest: DatasetManifest

    /// - Parameters:
    ///   - manifest: the text of dataset.toml as the catalog holds it.
    ///   - readsCamera: see `DatasetManifest`.
    package init(manifest text: String, readsCamera: Bool = true) throws {
        manifest = try DatasetManifest(
            toml: text, file: DatasetManifest.fileName, readsCamera: readsCamera)
    }

    package var registered: Bool { manifest.registered }

    /// The columns of the labels file that reports break their figures down by.
    package var attributes: [String] { manifest.labels?.attributes ?? [] }

    /// One modality's options as a cache key.
    package func identity(of modality: String) -> String {
        options(for: modality).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            .joined(separator: " ")
    }

    /// The options of one modality's section, as its plugin takes them.
    package func options(for modality: String) -> PluginOptions {
        guard let section = manifest.modality(modality) else { return [:] }
        return section.options.mapValues { value in
            switch value {
            case .number(let number): .number(number)
            case .string(let text): .string(text)
            case .boolean(let flag): .boolean(flag)
            }
        }
    }
}
