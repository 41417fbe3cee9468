import ControlProtocol
import Distillation
import Foundation
import Networks

extension ModelDocument {
    /// The model as the catalog lists it.
    func summary(folder: String) -> ModelSummary {
        ModelSummary(
            name: name, kind: kind.rawValue, architecture: network?.architecture,
            modality: modality, encoding: network?.encoding.name, inputSize: inputSize,
            classes: classes, parameters: Int64(parameters), flops: Int64(2 * multiplyAdds),
            digest: digest, teacher: teacher, dataset: dataset,
            metrics: metrics.filter { $0.value.isFinite }, folder: folder,
            formats: kind == .network ? ["onnx", "safetensors"] : ["onnx"])
    }
}
