import Foundation

/// A tensor's bytes in a file beside the model.
///
/// The location is relative to the model's folder and must stay inside it, links followed.
struct ExternalData {
    private let node: String
    private var location = ""
    private var offset = 0
    private var length: Int?

    init(_ proto: Onnx_TensorProto, node: String) throws {
        self.node = node
        for entry in proto.externalData {
            switch entry.key {
            case "location": location = entry.value
            case "offset": offset = try ExternalData.number(entry.value, node)
            case "length": length = try ExternalData.number(entry.value, node)
            case "checksum": break
            default:
                throw InterchangeError(
                    .unsupported, node: node, "external data with '\(entry.key)' is not understood")
            }
        }
    }

    func bytes(count: Int, in folder: URL?) throws -> Data {
        guard let folder else {
            throw InterchangeError(
                .unsupported, node: node, "its values lie in another file, '\(location)'",
                hint: "import the model from its folder, or save it as one file")
        }
        let root = folder.resolvingSymlinksInPath().standardizedFileURL.path
        let file = folder.appendingPathComponent(location).standardizedFileURL
            .resolvingSymlinksInPath()
        guard !location.isEmpty, !location.hasPrefix("/"), !location.contains("\0"),
            file.path.hasPrefix(root.hasSuffix("/") ? root : root + "/")
        else {
            throw InterchangeError(
                .malformed, node: node,
                "external data '\(location)' lies outside of the model's folder",
                hint: "put the file beside the model")
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder),
            !isFolder.boolValue
        else {
            throw InterchangeError(
                .unreadable, node: node, "external data '\(location)' is not there",
                hint: "copy it beside the model")
        }
        let data = try MappedFile.open(file)
        guard offset <= data.count, count <= data.count - offset, length ?? count == count else {
            throw InterchangeError(
                .malformed, node: node,
                "needs \(count) bytes at \(offset) of '\(location)', which has \(data.count)")
        }
        return data[(data.startIndex + offset)..<(data.startIndex + offset + count)]
    }

    private static func number(_ text: String, _ node: String) throws -> Int {
        guard let number = Int(text), number >= 0 else {
            throw InterchangeError(
                .malformed, node: node, "'\(text)' is not a position in a file")
        }
        return number
    }
}
