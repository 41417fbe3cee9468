import Foundation
import Graphs
import Interchange
import Tensors
import Testing

@Suite("Layers between quantised tensors") struct QuantizedLayerTests {
    private func floats(_ values: [Float]) -> Data { values.withUnsafeBytes { Data($0) } }

    /// x = (q - 3) / 2, w = 1/2, b = 1/2: `y = w x + b` in steps of 1/8 above -5/8.
    @Test func aConvolutionIsThatOfWhatTheIntegersStandFor() throws {
        var model = HandmadeModel()
        model.input("x", [1, 1, 2, 2])
        model.initializer("sx", [], bytes: floats([0.5]))
        model.initializer("zx", [], bytes: Data([3]), type: 2)
        model.initializer("w", [1, 1, 1, 1], bytes: Data([2]), type: 3)
        model.initializer("sw", [1], bytes: floats([0.25]))
        model.initializer("zw", [1], bytes: Data([0]), type: 3)
        model.initializer("sy", [], bytes: floats([0.125]))
        model.initializer("zy", [], bytes: Data([5]), type: 2)
        model.initializer(
            "b", [1], bytes: withUnsafeBytes(of: Int32(4).littleEndian) { Data($0) }, type: 6)
        model.node("QuantizeLinear", ["x", "sx", "zx"], ["q"])
        model.node("QLinearConv", ["q", "sx", "zx", "w", "sw", "zw", "sy", "zy", "b"], ["r"])
        model.node("DequantizeLinear", ["r", "sy", "zy"], ["y"])
        model.output("y", [1, 1, 2, 2])
        let imported = try ONNXImporter().model(from: model.data)
        var interpreter = Interpreter(
            imported.graph, states: imported.states.mapValues { $0.map { Double($0) } })
        let found = try interpreter.run([
            "x": Tensor(shape: [1, 1, 2, 2], values: [1, 2, -1, -40])
        ])["y"]
        // -40 is cut to what a byte holds: q = 0, x = -3/2, y = -1/4.
        #expect(found?.values == [1, 1.5, 0, -0.25])
    }

    @Test func whatIsNotUnderstoodIsCountedByKindWithARemedy() throws {
        var model = HandmadeModel()
        model.input("x", [1, 1, 2, 2])
        for (kind, output) in [
            ("GridSample", "a"), ("GridSample", "b"), ("NonMaxSuppression", "c"),
        ] {
            model.node(kind, ["x"], [output])
            model.output(output, [1])
        }
        let error = #expect(throws: InterchangeError.self) {
            try ONNXImporter().model(from: model.data)
        }
        #expect(error?.message.contains("2 GridSample") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("1 NonMaxSuppression") == true)
        #expect(error?.hint.contains("post-processing") == true)
    }
}
