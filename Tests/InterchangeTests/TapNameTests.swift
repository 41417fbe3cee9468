import Graphs
import Interchange
import Tensors
import Testing

/// Modules of the network that a file was exported from are names too.
@Suite struct TapNameTests {
    private func names(of model: HandmadeModel) throws -> [String: String] {
        let graph = try ONNXImporter().model(from: model.data).graph
        var names: [String: String] = [:]
        for (label, value) in graph.labels { names[label] = graph.node(of: value).operation.kind }
        return names
    }

    @Test func pathsOfTheOlderExporter() throws {
        var model = HandmadeModel()
        model.input("x", [1, 4])
        model.node("Relu", ["x"], ["a"], name: "/layer1/layer1.0/conv/Conv")
        model.node("Exp", ["a"], ["b"], name: "/layer1/layer1.0/Add")
        model.node("Neg", ["b"], ["c"], name: "/layer1/layer1.1/Add")
        model.node("Abs", ["c"], ["d"], name: "/encoder/layers/layers.encoder_layer_0/mlp/Gemm")
        model.node("Sin", ["d"], ["y"], name: "/features/Relu")
        model.output("y")
        let names = try names(of: model)
        #expect(names["layer1.0.conv"] == names["a"])
        #expect(names["layer1.0"] == names["b"])
        #expect(names["layer1.1"] == names["c"] && names["layer1"] == names["c"])
        #expect(names["encoder.layers.encoder_layer_0.mlp"] == names["d"])
        #expect(names["encoder"] == names["d"])
        // A module of this name is not what distillation calls features.
        let graph = try ONNXImporter().model(from: model.data).graph
        #expect(graph.labels["features"] == nil)
        let error = #expect(throws: GraphError.self) { try graph.value(named: "layer1.2") }
        #expect(error?.message.contains("layer1.0, layer1.1") == true)
    }

    @Test func scopesOfTheNewerExporter() throws {
        var model = HandmadeModel()
        model.input("x", [1, 4])
        model.node(
            "Relu", ["x"], ["a"], name: "node_relu",
            scopes: "['', 'blocks', 'blocks.0', 'blocks.0.attn', 'relu']")
        model.node(
            "Exp", ["a"], ["y"], name: "node_exp", scopes: "['', 'blocks', 'blocks.0', 'exp']")
        model.output("y")
        let names = try names(of: model)
        #expect(names["blocks.0.attn"] == names["a"])
        #expect(names["blocks.0"] == names["y"] && names["blocks"] == names["y"])
        #expect(names["exp"] == nil && names["relu"] == nil)
    }

    /// Maps with the channels last and tokens are compared as maps.
    @Test func tapsBecomeComparable() throws {
        var graph = Graph()
        let x = try graph.input("x", [2, 3, 8, 8])
        let weight = try graph.constant(Tensor(shape: [6, 3, 2, 2], repeating: 0.5))
        let map = try graph.convolve(x, weight: weight, strides: [2, 2])
        let last = try graph.transpose(map, [0, 2, 3, 1])
        let flat = try graph.reshape(last, [.copy(0), .size(16), .copy(3)])
        let token = try graph.slice(flat, axis: 1, start: 0, length: 1)
        let tokens = try graph.concatenate([token, flat], axis: 1)
        for value in [map, last, flat, tokens] {
            let found = try graph.comparable(value)
            #expect(graph.shape(of: found) == [2, 6, 4, 4])
        }
        let vector = try graph.reduce(.mean, map, axes: [2, 3], keepDimensions: false)
        #expect(try graph.comparable(vector) == vector)
        graph.output("map", map)
        graph.output("again", try graph.comparable(tokens))
        var interpreter = Interpreter(graph)
        let found = try interpreter.run(["x": SmallGraphs.numbers([2, 3, 8, 8], seed: 4)])
        #expect(found["map"] == found["again"])
    }
}
