import Foundation
import Graphs
import Interchange
import Tensors
import Testing

/// Whole models of other makers.
@Suite(.enabled(if: TestData.isThere)) struct ModelTests {
    @Test(arguments: [
        "squeezenet11_fp32_rgb_imagenetnorm_logits", "squeezenet11_fp32_bgr255_softmax",
        "SqueezeNet_fp16",
    ])
    func squeezeNetIsATeacher(_ name: String) throws {
        let model = try ONNXImporter().model(at: TestData.url("squeezenet/\(name).onnx"))
        #expect(model.inputs.map(\.name) == ["data_0"])
        #expect(model.inputs.first?.shape == [1, 3, 224, 224])
        #expect(model.inputs.first?.element == (name.hasSuffix("fp16") ? .float16 : .float32))
        #expect(model.parameterCount == 1_235_496)
        let logits = try #require(model.logits)
        let features = try #require(model.features)
        #expect(model.graph.shape(of: logits) == [1, 1000])
        #expect(model.graph.shape(of: features) == [1, 512, 13, 13])
        // Nothing of the scores is a probability.
        #expect(!(model.graph.node(of: logits).operation is Softmax))
        let wide = try model.rebound(batch: 4)
        #expect(wide.graph.shape(of: logits) == [4, 1000])
        #expect(wide.graph.shape(of: features) == [4, 512, 13, 13])
        #expect(wide.inputs.first?.shape == [4, 3, 224, 224])
    }

    @Test func mnistRuns() throws {
        let url = try TestData.url("squeezenet/mnist.onnx")
        let image = Tensor(shape: [1, 1, 28, 28], repeating: 0.0)
        let runner = try ModelRunner(
            at: url, inputs: ["Input3": NumPyArray(image, element: .float32)])
        #expect(runner.isSmall)
        let output = try #require(try runner.interpreted().first)
        #expect(output.name == "Plus214_Output_0")
        #expect(output.array.shape == [1, 10])
    }

    /// Weights that the file does not hold but describes cost nothing until they are used.
    @Test(arguments: ["resnet50", "squeezenet"])
    func lightModelsAreTeachers(_ name: String) throws {
        let url = try TestData.url("onnx-cases/models/light_\(name).onnx")
        let model = try ONNXImporter().model(at: url)
        let logits = try #require(model.logits)
        #expect(model.graph.shape(of: logits) == [1, 1000])
        let features = try #require(model.features)
        let expected: Shape = name == "resnet50" ? [1, 2048, 7, 7] : [1, 512, 13, 13]
        #expect(model.graph.shape(of: features) == expected)
        #expect(try model.rebound(batch: 2).graph.shape(of: features)[0] == 2)
    }

    @Test func tapsHaveTheNamesOfTheFile() throws {
        let url = try TestData.url("squeezenet/squeezenet11_fp32_rgb_imagenetnorm_logits.onnx")
        let model = try ONNXImporter().model(at: url)
        let tap = try model.graph.value(named: "fire9/concat_1")
        #expect(model.graph.shape(of: tap) == [1, 512, 13, 13])
        let error = #expect(throws: GraphError.self) {
            try model.graph.value(named: "fire9/concat1")
        }
        #expect(error?.message.contains("fire9/concat_1") == true)
    }
}
