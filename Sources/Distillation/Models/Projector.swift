import Foundation
import Interchange
package import Tensors

/// The trained map from a student's mean features to its teacher's: kept beside the model for
/// measurements, never part of the exported student.
///
/// `t = W s + b`.
/// - Shapes: weight `[teacher channels, student channels]`, bias `[teacher channels]`.
package struct Projector: Sendable, Equatable {
    package let weight: Tensor<Float>
    package let bias: [Float]

    /// From an objective's projector to standardised features: the standardisation is undone.
    ///
    /// - Shapes: weight `[outputs, inputs, 1, 1]`, the others `[outputs]`.
    init(weight: Tensor<Float>, bias: Tensor<Float>, mean: [Float], deviation: [Float]) {
        let outputs = weight.shape[0]
        let inputs = weight.shape[1]
        var values = weight.values
        var offsets = bias.values
        for output in 0..<outputs {
            for input in 0..<inputs { values[output * inputs + input] *= deviation[output] }
            offsets[output] = offsets[output] * deviation[output] + mean[output]
        }
        self.weight = Tensor(shape: [outputs, inputs], values: values)
        self.bias = offsets
    }

    private static let fileName = "projector.safetensors"

    func write(to folder: String) throws {
        try SafeTensorsWriter.write(
            ["weight": weight, "bias": Tensor(shape: [bias.count], values: bias)],
            to: URL(fileURLWithPath: folder + "/" + Projector.fileName))
    }

    /// Reads the projector of a model's folder; nil where there is none.
    package init?(folder: String) {
        let path = folder + "/" + Projector.fileName
        guard
            FileManager.default.fileExists(atPath: path),
            let file = try? SafeTensorsFile(URL(fileURLWithPath: path)),
            let weight = try? file.floats("weight"), let bias = try? file.floats("bias")
        else { return nil }
        self.weight = weight
        self.bias = bias.values
    }
}
