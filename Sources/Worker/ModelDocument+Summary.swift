import ControlProtocol
import Distillation
import Foundation
import Interchange
import Networks

extension ModelDocument {
    /// The model as the catalog lists it.
    func summary(folder: String) -> ModelSummary {
        var summary = ModelSummary(
            name: name, kind: kind.rawValue, architecture: network?.architecture,
            modality: modality, encoding: network?.encoding.name, inputSize: inputSize,
            classes: classes, parameters: Int64(parameters), flops: Int64(2 * multiplyAdds),
            digest: digest, teacher: teacher, dataset: dataset,
            metrics: metrics.filter { $0.value.isFinite }, folder: folder,
            formats: kind == .network ? ["onnx", "safetensors"] : ["onnx"])
        summary.task = (reading?.task ?? (classes.isEmpty ? .embedding : .classifier)).rawValue
        summary.output = reading?.output
        summary.features = featureNode
        summary.input = layout.map { [$0.height, $0.width] }
        summary.isChannelsLast = layout?.channelsLast
        summary.preprocessing = preprocessing.map {
            ModelSummary.Preprocessing(
                channels: $0.channels.rawValue, scale: $0.scale, mean: $0.mean, std: $0.deviation,
                resize: $0.resize.rawValue, crop: $0.crop)
        }
        summary.notes = notes
        return summary
    }
}
