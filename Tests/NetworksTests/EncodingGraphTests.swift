import Foundation
import Graphs
import Networks
import Tensors
import Testing

@Suite struct EncodingGraphTests {
    private func run(
        _ name: String, _ inputs: [Tensor<Double>], _ attributes: [String: [Double]] = [:]
    ) throws -> Tensor<Double> {
        var graph = Graph()
        let values = try inputs.map { try graph.constant($0) }
        graph.output(
            "y",
            try EncodingGraph.apply(name, inputs: values, attributes: attributes, to: &graph))
        var interpreter = Interpreter(graph)
        return try #require(try interpreter.run()["y"])
    }

    private let a = Tensor<Double>(shape: [1, 1, 2, 2], values: [1, 2, 3, 4])
    private let b = Tensor<Double>(shape: [1, 1, 1, 1], values: [2])

    @Test(
        arguments: [
            ("Add", [3, 4, 5, 6]), ("Subtract", [-1, 0, 1, 2]), ("Multiply", [2, 4, 6, 8]),
            ("Divide", [0.5, 1, 1.5, 2]), ("Maximum", [2, 2, 3, 4]), ("Minimum", [1, 2, 2, 2]),
            ("Greater", [0, 0, 1, 1]),
        ] as [(String, [Double])])
    func binaryOperations(name: String, expected: [Double]) throws {
        #expect(try run(name, [a, b]).values == expected)
    }

    @Test(
        arguments: [
            ("Negate", [-1, -2, -3, -4]), ("Exp", [1, 2, 3, 4].map { exp($0) }),
            ("Log", [1, 2, 3, 4].map { log($0) }), ("Sqrt", [1, 2, 3, 4].map { sqrt($0) }),
            ("Reciprocal", [1, 0.5, 1.0 / 3, 0.25]), ("Abs", [1, 2, 3, 4]),
            ("Square", [1, 4, 9, 16]),
            ("Step", [1, 1, 1, 1]),
        ] as [(String, [Double])])
    func unaryOperations(name: String, expected: [Double]) throws {
        #expect(isClose(try run(name, [a]).values, expected, within: 1e-15))
    }

    @Test func operationsWithAttributes() throws {
        #expect(try run("Affine", [a], ["scale": [2], "offset": [-1]]).values == [1, 3, 5, 7])
        #expect(try run("Clip", [a], ["minimum": [1.5], "maximum": [3]]).values == [1.5, 2, 3, 3])
        #expect(try run("Clip", [a], ["minimum": [1.5]]).values == [1.5, 2, 3, 4])
        #expect(
            try run("Slice", [a], ["axis": [3], "start": [1], "length": [1]]).values == [2, 4])
        let both = try run("Concatenate", [a, a], ["axis": [1]])
        #expect(both.shape == [1, 2, 2, 2])
        let kernel = Tensor<Double>(shape: [1, 1, 3, 3], values: [0, 0, 0, 0, 1, 0, 0, 0, 1])
        #expect(
            try run("Convolution", [a, kernel], ["padding": [1]]).values == [5, 2, 3, 4])
        #expect(
            try run("Convolution", [a, kernel], ["padding": [1], "stride": [2]]).values == [5])
    }

    @Test(
        arguments: [
            ("Logarithm", 1, [:], "no operation"), ("Add", 1, [:], "takes 2 inputs, got 1"),
            ("Concatenate", 0, [:], "at least one input"), ("Slice", 1, [:], "needs the attribute"),
            ("Slice", 1, ["length": [1.5]], "whole number"),
            ("Exp", 1, ["base": [2]], "no attribute"),
            ("Affine", 1, ["scale": [1, 2]], "one number"),
            ("Convolution", 2, ["stride": [0]], "at least 1"),
        ] as [(String, Int, [String: [Double]], String)])
    func mistakesNameTheOperation(
        name: String, inputs: Int, attributes: [String: [Double]], message: String
    ) {
        let error = #expect(throws: NetworkError.self) {
            try run(name, Array(repeating: a, count: inputs), attributes)
        }
        #expect(error?.context == name)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test func shapesAreCheckedByTheGraph() {
        #expect(throws: GraphError.self) {
            try run("Slice", [a], ["axis": [1], "start": [0], "length": [4]])
        }
    }
}
