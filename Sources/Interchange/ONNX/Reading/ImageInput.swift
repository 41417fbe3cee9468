package import Foundation
package import Tensors

/// An input of a file that is no initializer, as the file declares it.
package struct ImageInput: Sendable, Equatable {
    package let name: String
    package let element: ElementType
    /// nil where the file declares no shape.
    package let declared: [ImportedModel.Extent]?
    /// Whether it holds channels last: its last axis has three of something and its second has not, or the first
    /// thing that happens to it is a transposition that brings its last axis forward.
    package let channelsLast: Bool

    /// Declared extents in words.
    package var words: String {
        guard let declared else { return "`\(name)` of no declared shape" }
        return "`\(name)` [\(declared.map(\.description).joined(separator: ", "))]"
    }

    /// Height and width as far as they are fixed, and the channels.
    package var fixed: (channels: Int?, height: Int?, width: Int?) {
        guard let declared, declared.count == 4 else { return (nil, nil, nil) }
        func extent(_ axis: Int) -> Int? {
            if case .fixed(let extent) = declared[axis], extent > 0 { extent } else { nil }
        }
        return channelsLast
            ? (extent(3), extent(1), extent(2)) : (extent(1), extent(2), extent(3))
    }

    init(_ proto: Onnx_ValueInfoProto, in graph: Onnx_GraphProto) throws {
        name = proto.name
        guard case .tensorType(let type) = proto.type.value else {
            throw InterchangeError(
                .unsupported, node: proto.name, "an input that is not a tensor is not supported")
        }
        element = try ElementType(onnx: type.elemType, node: proto.name)
        let declared = InputBinding(proto, options: ImportOptions()).declared
        self.declared = declared
        guard let declared, declared.count == 4 else {
            channelsLast = false
            return
        }
        func isColours(_ axis: Int) -> Bool {
            if case .fixed(let extent) = declared[axis] { extent == 3 } else { false }
        }
        channelsLast =
            isColours(1)
            ? false
            : isColours(3) || Self.isTransposedFirst(proto.name, in: graph)
    }

    /// Whether the way of a value begins with a transposition to channels first, past what changes single values.
    private static func isTransposedFirst(_ name: String, in graph: Onnx_GraphProto) -> Bool {
        var name = name
        for _ in 0..<16 {
            let users = graph.node.filter { $0.input.contains(name) }
            guard users.count == 1, let node = users.first else { return false }
            switch node.opType {
            case "Transpose":
                let order = node.attribute.first { $0.name == "perm" }?.ints ?? []
                return order == [0, 3, 1, 2]
            case "Cast", "Sub", "Mul", "Div", "Add", "Identity", "Clip":
                name = node.output.first ?? ""
            default: return false
            }
        }
        return false
    }
}

/// What a file says of itself before it is imported.
package struct ONNXProbe: Sendable {
    /// Initializers left out.
    package let inputs: [ImageInput]
    /// The file's `metadata_props`.
    package let metadata: [String: String]
    /// Files beside the model that hold tensors of it, relative to its folder.
    package let externalFiles: [String]

    /// - Throws: `InterchangeError` for a file that is not an ONNX model.
    package init(_ url: URL) throws {
        let proto = try ONNXImporter().decoded(MappedFile.open(url))
        let initializers = Set(proto.graph.initializer.map(\.name))
        inputs = try proto.graph.input.filter { !initializers.contains($0.name) }
            .map { try ImageInput($0, in: proto.graph) }
        metadata = Dictionary(
            proto.metadataProps.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        let constants = proto.graph.node.flatMap(\.attribute).filter(\.hasT).map(\.t)
        let places = (proto.graph.initializer + constants).filter { $0.dataLocation == .external }
            .flatMap(\.externalData).filter { $0.key == "location" }.map(\.value)
        externalFiles = Set(places).sorted()
    }
}
