import Foundation
import Interchange
import Tensors

/// The tensors of a safetensors file, or of the shards that an index names.
struct TensorFiles {
    /// By their names in the files.
    private let owners: [String: SafeTensorsFile]
    let metadata: [String: String]

    var names: [String] { owners.keys.sorted() }

    /// Whether a file holds safetensors or is an index of some, by its content.
    static func areThere(_ path: String, name: String) -> Bool {
        guard let handle = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? handle.close() }
        let head = (try? handle.read(upToCount: 4096)) ?? Data()
        if head.count > 9, head[head.startIndex + 8] == UInt8(ascii: "{"),
            head.dropFirst(8).first(where: { $0 > 0x20 }) == UInt8(ascii: "{")
        {
            return true
        }
        let name = name.lowercased()
        return name.hasSuffix(".safetensors") || name.hasSuffix(".index.json")
    }

    /// The files beside an index that hold its tensors; empty for a file that is no index.
    static func shards(of path: String) throws -> [String] {
        guard let handle = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? handle.close() }
        guard (try? handle.read(upToCount: 1))?.first == UInt8(ascii: "{") else { return [] }
        guard let data = FileManager.default.contents(atPath: path),
            let index = try? JSONDecoder().decode(Index.self, from: data)
        else { return [] }
        return Set(index.map.values).sorted()
    }

    private struct Index: Decodable {
        let map: [String: String]

        private enum CodingKeys: String, CodingKey { case map = "weight_map" }
    }

    /// - Throws: `InterchangeError` for damaged files, `DistillationError` for shards that are not there or hold a
    ///   tensor twice.
    init(_ path: String) throws {
        let shards = try Self.shards(of: path)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        let files =
            try shards.isEmpty
            ? [SafeTensorsFile(URL(fileURLWithPath: path))]
            : shards.map { shard in
                guard !shard.contains("/"), shard != ".." else {
                    throw DistillationError(
                        "import.shards", "the index names `\(shard)`, which does not lie beside it",
                        hint: "put all files into one folder")
                }
                return try SafeTensorsFile(folder.appendingPathComponent(shard))
            }
        var owners: [String: SafeTensorsFile] = [:]
        for file in files {
            for entry in file.entries {
                guard owners.updateValue(file, forKey: entry.name) == nil else {
                    throw DistillationError(
                        "import.shards", "two of its files hold the tensor `\(entry.name)`",
                        hint: "export the weights again, or keep the shards of one export")
                }
            }
        }
        self.owners = owners
        metadata = files.first?.metadata ?? [:]
    }

    func shape(_ name: String) throws -> Shape { try file(name).entry(name).shape }

    func floats(_ name: String) throws -> Tensor<Float> { try file(name).floats(name) }

    private func file(_ name: String) throws -> SafeTensorsFile {
        guard let file = owners[name] else {
            throw InterchangeError(.unknownName, node: name, "the file has no tensor of this name")
        }
        return file
    }
}
