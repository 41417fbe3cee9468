import Foundation
import Graphs
import Interchange
import Modalities
import Networks

/// Writes a model as ONNX: physical values in, logits and features out, the encoding inside.
package enum StudentExport {
    /// - Throws: `InterchangeError` for an operator that ONNX has no word for, or an unwritable file.
    package static func onnx(_ model: LoadedModel, to path: String) throws {
        let graph = try model.inferenceGraph(batch: 1, outputs: ["logits", "features"])
        let document = model.document
        var metadata = [
            "distilld.name": document.name, "distilld.modality": document.modality,
            "distilld.unit": model.plugin.unit, "distilld.digest": document.digest,
            "distilld.classes": document.classes.joined(separator: "\n"),
        ]
        if let network = document.network {
            metadata["distilld.architecture"] = network.architecture
            metadata["distilld.encoding"] = network.encoding.name
            metadata["distilld.encoding.version"] = network.encoding.version
            metadata["distilld.encoding.focal"] = network.encoding.focal.map { "\($0.x) \($0.y)" }
        }
        metadata["distilld.dataset"] = document.dataset
        metadata["distilld.teacher"] = document.teacher
        metadata["distilld.teacher.digest"] = document.teacherDigest
        for (name, value) in document.metrics {
            metadata["distilld.metrics.\(name)"] = String(value)
        }
        try ONNXExporter(metadata: metadata).write(
            graph, states: try model.states(of: graph), to: URL(fileURLWithPath: path))
    }
}
