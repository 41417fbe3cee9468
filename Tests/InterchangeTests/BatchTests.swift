import Foundation
import Graphs
import Interchange
import Tensors
import Testing

/// Shapes that a file computes from the batch are those of any batch.
@Suite struct BatchTests {
    private func floats(_ values: [Float]) -> Data {
        values.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
    }

    private func rows(_ count: Int) -> Tensor<Double> {
        Tensor(shape: [count, 3], values: (0..<(3 * count)).map { Double($0) })
    }

    /// x + a token that is repeated to the shape of x.
    private var repeating: HandmadeModel {
        var model = HandmadeModel()
        model.input("x", [nil, 3])
        model.initializer("token", [1, 3], bytes: floats([10, 20, 30]))
        model.node("Shape", ["x"], ["shape"])
        model.node("Expand", ["token", "shape"], ["tokens"])
        model.node("Add", ["x", "tokens"], ["y"])
        model.output("y")
        return model
    }

    @Test(arguments: [1, 2, 5])
    func aRepeatedTokenFollowsTheBatch(_ batch: Int) throws {
        let model = try ONNXImporter().model(from: repeating.data).rebound(batch: batch)
        #expect(model.batchFixedBy == nil)
        var interpreter = Interpreter(
            model.graph, states: model.states.mapValues { $0.map { Double($0) } })
        let y = try #require(try interpreter.run(["x": rows(batch)])["y"])
        let expected = rows(batch).values.enumerated().map { index, x in
            x + [10, 20, 30][index % 3]
        }
        #expect(y.values == expected)
    }

    /// Elements are counted and the count is a number of the computation.
    @Test func aBatchThatIsBuiltInIsNamed() throws {
        var model = HandmadeModel()
        model.input("x", [nil, 3])
        model.node("Size", ["x"], ["count"], name: "counting")
        model.node("Mul", ["x", "count"], ["y"])
        model.output("y")
        let imported = try ONNXImporter(ImportOptions(batch: 2)).model(from: model.data)
        var interpreter = Interpreter(imported.graph)
        let y = try interpreter.run(["x": rows(2)])["y"]
        #expect(y?.values == rows(2).values.map { 6 * $0 })
        #expect(try imported.rebound(batch: 2).outputs.first?.shape == [2, 3])
        let error = #expect(throws: InterchangeError.self) { try imported.rebound(batch: 3) }
        #expect(error?.code == .unsupported)
        #expect(error?.node == "count")
    }

    /// A file written for one sample whose shapes say so with a plain 1.
    @Test func aWrittenBatchOfOneIsOpened() throws {
        var model = HandmadeModel()
        model.input("x", [1, 3, 2, 2])
        model.node("Transpose", ["x"], ["moved"], integers: ["perm": [0, 2, 3, 1]])
        model.node("Flatten", ["moved"], ["y"])
        model.output("y")
        let wide = try ONNXImporter().model(from: model.data).rebound(batch: 4)
        #expect(wide.outputs.first?.shape == [4, 12])
    }

    /// A class token that was repeated for the one sample of the export stands in the file as a constant.
    @Test(arguments: [1, 3])
    func aTokenOfAWrittenBatchIsRepeated(_ batch: Int) throws {
        var model = HandmadeModel()
        model.input("x", [1, 2, 3])
        model.initializer("token", [1, 1, 3], bytes: floats([10, 20, 30]))
        model.node("Concat", ["token", "x"], ["y"])
        model.output("y")
        let written = try ONNXImporter().model(from: model.data)
        #expect(written.batchFixedBy == nil)
        let shape: Shape = [batch, 2, 3]
        let given = try ONNXImporter(ImportOptions(shapes: ["x": shape])).model(from: model.data)
        for wide in [try written.rebound(batch: batch), given] {
            var interpreter = Interpreter(
                wide.graph, states: wide.states.mapValues { $0.map { Double($0) } })
            let x = Tensor(shape: shape, values: (0..<(6 * batch)).map { Double($0) })
            let y = try #require(try interpreter.run(["x": x])["y"])
            let expected = (0..<batch).flatMap { [10, 20, 30] + x.values[(6 * $0)..<(6 * $0 + 6)] }
            #expect(y.shape == [batch, 3, 3] && y.values == expected)
        }
    }

    /// What cannot be opened is copied: samples of different copies do not meet.
    @Test(arguments: [1, 2, 5], [1, 3])
    func aFileThatCannotBeOpenedIsCopied(_ written: Int, _ batch: Int) throws {
        var model = HandmadeModel()
        model.input("x", [written, 3])
        model.integers("flat", [1, 3 * written])
        model.node("Reshape", ["x", "flat"], ["line"])
        let weights = (0..<(9 * written)).map { Float($0 % 7) }
        model.initializer("weights", [3 * written, 3], bytes: floats(weights))
        model.node("MatMul", ["line", "weights"], ["mixed"])
        model.node("Add", ["x", "mixed"], ["y"], name: "adding")
        model.output("y")
        let source = try ONNXImporter().model(from: model.data)
        func outputs(_ model: ImportedModel, _ x: Tensor<Double>) throws -> [Double] {
            var interpreter = Interpreter(
                model.graph, states: model.states.mapValues { $0.map { Double($0) } })
            return try #require(try interpreter.run(["x": x])["y"]).values
        }
        let values = rows(batch).values
        let copied = try source.rebound(batch: batch)
        #expect(copied.graph.labels["adding"] != nil)
        var expected: [Double] = []
        for start in stride(from: 0, to: batch, by: written) {
            // The last copy is filled up with the last sample.
            let part = (0..<written).flatMap { index in
                let row = min(start + index, batch - 1)
                return values[(3 * row)..<(3 * row + 3)]
            }
            let all = try outputs(source, Tensor(shape: [written, 3], values: part))
            expected += all.prefix(3 * min(written, batch - start))
        }
        #expect(try outputs(copied, rows(batch)) == expected)
    }

    private static let mixing = [
        "mean", "gram", "first", "flattened", "whole", "tokens", "padded",
    ]

    /// What a file computes of one sample it computes of each, also where its operators would let samples meet.
    @Test(arguments: mixing)
    func samplesNeverMeet(_ kind: String) throws {
        var model = HandmadeModel()
        model.input("x", [1, 3])
        switch kind {
        case "mean":
            model.node("ReduceMean", ["x"], ["mean"])
            model.node("Sub", ["x", "mean"], ["y"])
        case "gram":
            model.node("Transpose", ["x"], ["turned"], integers: ["perm": [1, 0]])
            model.node("MatMul", ["x", "turned"], ["gram"])
            model.node("MatMul", ["gram", "x"], ["y"])
        case "first":
            model.integers("place", [0])
            model.node("Gather", ["x", "place"], ["row"])
            model.node("Add", ["x", "row"], ["y"])
        case "flattened":
            model.integers("flat", [-1])
            model.integers("back", [1, 3])
            model.node("Reshape", ["x", "flat"], ["line"])
            model.node("Softmax", ["line"], ["soft"])
            model.node("Reshape", ["soft", "back"], ["y"])
        case "padded":
            // As many rows as before, all of them moved down by one.
            model.integers("pads", [1, 0, -1, 0])
            model.node("Pad", ["x", "pads"], ["moved"])
            model.node("Sub", ["x", "moved"], ["y"])
        case "whole":
            model.node("Concat", ["x", "x"], ["twice"])
            model.node("ReduceMax", ["twice"], ["largest"])
            model.node("Div", ["x", "largest"], ["y"])
        default:
            // Samples behind an axis of their own, merged into what comes after it and normalised there.
            model.integers("inner", [3, 1])
            model.integers("back", [1, 3])
            model.node("Transpose", ["x"], ["turned"], integers: ["perm": [1, 0]])
            model.node("Reshape", ["turned", "inner"], ["column"])
            model.node("Softmax", ["column"], ["soft"])
            model.node("Mul", ["turned", "soft"], ["scaled"])
            model.node("Reshape", ["scaled", "back"], ["y"])
        }
        model.output("y", [1, 3])
        let single = try ONNXImporter().model(from: model.data)
        func y(_ model: ImportedModel, _ x: Tensor<Double>) throws -> [Double] {
            var interpreter = Interpreter(model.graph)
            return try #require(try interpreter.run(["x": x])["y"]).values
        }
        let x = Tensor<Double>(shape: [3, 3], values: [1, 2, 4, -3, 5, 0.5, 7, -1, 2])
        let together = try y(try single.rebound(batch: 3), x)
        let apart = try (0..<3).flatMap { row in
            try y(
                single, Tensor(shape: [1, 3], values: Array(x.values[(3 * row)..<(3 * row + 3)])))
        }
        for (a, b) in zip(together, apart) { #expect(abs(a - b) < 1e-12) }
        #expect(together.count == apart.count)
    }

    /// A shape computed from the batch that no larger batch can have.
    @Test func anImpossibleLargerBatchIsNoTrap() throws {
        var model = HandmadeModel()
        model.input("x", [nil, 1])
        model.integers("three", [3, 3])
        model.integers("two", [2, 2])
        model.node("Shape", ["x"], ["shape"])
        model.node("Mul", ["shape", "two"], ["double"])
        model.node("Sub", ["three", "double"], ["wanted"])
        model.node("Expand", ["x", "wanted"], ["y"])
        model.output("y")
        let imported = try ONNXImporter().model(from: model.data)
        #expect(imported.batchFixedBy != nil)
    }

    @Test func noSampleAndNoRowAreRefused() throws {
        var model = HandmadeModel()
        model.input("x", [2, 3])
        model.node("ReduceMean", ["x"], ["y"])
        model.output("y", [1, 1])
        let source = try ONNXImporter().model(from: model.data)
        for batch in [0, 4] {
            let error = #expect(throws: InterchangeError.self) { try source.rebound(batch: batch) }
            #expect(error?.code == .unsupported)
        }
    }
}
