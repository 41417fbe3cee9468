package import Foundation
import SwiftProtobuf

/// Reads a single ONNX tensor, as test data of models come in (`input_0.pb`).
package enum ONNXTensorFile {
    /// - Throws: `InterchangeError`.
    package static func read(_ url: URL) throws -> (name: String, array: NumPyArray) {
        try read(MappedFile.open(url), file: url.path)
    }

    package static func read(
        _ data: Data, file: String = ""
    ) throws -> (name: String, array: NumPyArray) {
        do {
            let proto = try Onnx_TensorProto(serializedBytes: data, partial: true)
            let known = try TensorDecoding(folder: nil).decode(proto)
            return (proto.name, NumPyArray(known.doubles, element: known.element))
        } catch var error as InterchangeError {
            error.file = file
            throw error
        } catch {
            throw InterchangeError(.malformed, file: file, "is not an ONNX tensor (\(error))")
        }
    }
}
