package import Foundation
import SwiftProtobuf
import Tensors

/// Writes a model whose weights lie in other files as one file.
package enum SelfContainedModel {
    /// Protobuf files end below 2 GiB.
    private static let most = 2_000_000_000

    /// - Returns: false where the whole is too large for one file, and nothing was written.
    /// - Throws: `InterchangeError` for external data that is missing or lies outside of the model's folder.
    package static func write(_ source: URL, to destination: URL) throws -> Bool {
        var proto = try ONNXImporter().decoded(MappedFile.open(source))
        let folder = source.deletingLastPathComponent()
        var total = (try? source.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0
        func hold(_ tensor: inout Onnx_TensorProto) throws -> Bool {
            guard tensor.dataLocation == .external else { return true }
            let element = try ElementType(onnx: tensor.dataType, node: tensor.name)
            let shape = try CheckedExtents.shape(tensor.dims, node: tensor.name)
            let size = shape.count * element.byteCount
            total += size
            guard total < most else { return false }
            let bytes = try ExternalData(tensor, node: tensor.name).bytes(count: size, in: folder)
            tensor.rawData = Data(bytes)
            tensor.externalData = []
            tensor.clearDataLocation()
            return true
        }
        for index in proto.graph.initializer.indices {
            guard try hold(&proto.graph.initializer[index]) else { return false }
        }
        for node in proto.graph.node.indices {
            for attribute in proto.graph.node[node].attribute.indices
            where proto.graph.node[node].attribute[attribute].hasT {
                guard try hold(&proto.graph.node[node].attribute[attribute].t) else { return false }
            }
        }
        do {
            try AtomicFile.write([try proto.serializedData(partial: true)], to: destination)
        } catch let error as BinaryEncodingError {
            throw InterchangeError(
                .unwritable, file: destination.path, "cannot be written as one file: \(error)")
        }
        return true
    }
}
