import Execution
import Foundation
import Graphs
import Interchange
import Tensors
import Testing

/// Whole models of other makers, run by the executor.
@Suite(.enabled(if: TestData.isThere), .serialized) struct ExecutedModelTests {
    private func run(_ model: ImportedModel, _ x: Tensor<Float>) throws -> Tensor<Float> {
        let store = StateStore()
        try store.declare(statesOf: model.graph, seed: 0)
        let plan = try CPUExecutor().compile(
            model.graph, store: store, options: PlanOptions(inference: true))
        try plan.feed(#require(model.inputs.first).name, x)
        try plan.run()
        return try plan.read(#require(model.outputs.first).name)
    }

    /// What the makers say comes out of 0, 1/n, 2/n, ...
    @Test(arguments: TestData.lightModels)
    func lightModelsGiveTheirPublishedOutputs(_ name: String) throws {
        let folder = try TestData.url("onnx-cases/models")
        let model = try ONNXImporter().model(
            at: folder.appendingPathComponent("\(name).onnx"))
        let shape = try #require(model.inputs.first).shape
        let ramp = (0..<shape.count).map { Float(Double($0) / Double(shape.count)) }
        let found = try run(model, Tensor(shape: shape, values: ramp))
        let expected = try ONNXTensorFile.read(
            folder.appendingPathComponent("\(name)_output_0.pb")
        ).array
        #expect(found.shape == expected.shape)
        for (a, b) in zip(found.values, expected.values.values) {
            #expect(abs(Double(a) - b) <= 1e-3 * abs(b) + 1e-7)
        }
    }

    /// Three files of one network, with other inputs, precisions and ends, say the same of one picture.
    @Test func theSqueezeNetsAgree() throws {
        func model(_ name: String) throws -> ImportedModel {
            try ONNXImporter().model(at: TestData.url("squeezenet/\(name).onnx"))
        }
        let picture = picture(side: 224)
        let mean: [Float] = [0.485, 0.456, 0.406]
        let deviation: [Float] = [0.229, 0.224, 0.225]
        var normalized = picture
        var bytes = picture
        let plane = 224 * 224
        for channel in 0..<3 {
            for pixel in 0..<plane {
                let value = picture.values[channel * plane + pixel]
                normalized.values[channel * plane + pixel] =
                    (value / 255 - mean[channel]) / deviation[channel]
                bytes.values[(2 - channel) * plane + pixel] = value
            }
        }
        let logits = try run(model("squeezenet11_fp32_rgb_imagenetnorm_logits"), normalized).values
        let largest = try #require(logits.max())
        let powers = logits.map { exp($0 - largest) }
        let total = powers.reduce(0, +)
        let full = try run(model("squeezenet11_fp32_bgr255_softmax"), bytes).values
        let half = try run(model("SqueezeNet_fp16"), bytes).values
        for index in powers.indices {
            #expect(abs(powers[index] / total - full[index]) < 1e-4)
            #expect(abs(half[index] - full[index]) < 2e-2)
        }
    }

    /// Waves of colour in [0, 255].
    private func picture(side: Int) -> Tensor<Float> {
        var picture = Tensor<Float>(shape: [1, 3, side, side], repeating: 0)
        for index in picture.values.indices {
            let row = Float(index / side % side)
            let column = Float(index % side)
            let channel = Float(index / side / side)
            let wave = sin(row / 17 + channel) * cos(column / 23 - channel)
            picture.values[index] = (127.5 + 127 * wave).rounded()
        }
        return picture
    }
}
