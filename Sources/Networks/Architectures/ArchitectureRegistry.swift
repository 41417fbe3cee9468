import Graphs

/// The architectures that recipes can name.
package enum ArchitectureRegistry {
    package static let all: [any Architecture] = [
        ResidualNetwork.small,
        ResidualNetwork.medium,
        ResidualNetwork.resnet18,
        ResidualNetwork.resnet34,
        ResidualNetwork.resnet50,
        MobileNetV2(),
        MobileNetV3Small(),
        ConvNeXt.tiny,
        VisionTransformer.tiny,
    ]

    /// The architecture of that id.
    ///
    /// - Throws: `NetworkError.unknownArchitecture` with the nearest and the known ones.
    package static func architecture(_ id: String) throws -> any Architecture {
        if let found = all.first(where: { $0.id == id }) { return found }
        let known = all.map(\.id)
        let near = NearestName.suggestions(for: id, among: known)
        let hint = near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"
        throw NetworkError(
            .unknownArchitecture, context: id,
            "no architecture has this name\(hint) Known: \(known.joined(separator: ", "))")
    }
}
