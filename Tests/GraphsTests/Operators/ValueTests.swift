import Foundation
import Graphs
import Tensors
import Testing

/// An operator with operands and results worked out by hand.
struct Example: Sendable, CustomTestStringConvertible {
    let operation: any Operator
    let operands: [Tensor<Double>]
    let results: [Tensor<Double>]

    init(_ operation: any Operator, _ operands: [Tensor<Double>], gives: Tensor<Double>...) {
        self.operation = operation
        self.operands = operands
        self.results = gives
    }

    var testDescription: String { "\(operation.kind) of \(operands.map(\.shape))" }
}

func tensor(_ shape: Shape, _ values: Double...) -> Tensor<Double> {
    Tensor(shape: shape, values: values)
}

/// 1, 2, 3, ... in a shape.
func counting(_ shape: Shape) -> Tensor<Double> {
    Tensor(shape: shape, values: (0..<shape.count).map { Double($0 + 1) })
}

@Suite struct ValueTests {
    @Test(
        arguments: Example.pointwise + Example.rearranging + Example.spatial + Example.training
            + Example.attention)
    func matchesHandNumbers(_ example: Example) throws {
        let types = try example.operation.infer(example.operands.map { TensorType($0.shape) })
        let results = try example.operation.evaluate(example.operands, outputs: types)
        #expect(types.map(\.shape) == results.map(\.shape))
        #expect(results.count == example.results.count)
        for (result, expected) in zip(results, example.results) {
            #expect(distance(result, expected) < 1e-6, "\(result) instead of \(expected)")
        }
    }

    /// f at -1, 0 and 2.
    @Test(
        arguments: [
            (.negate, [1, 0, -2]), (.exp, [0.367879441, 1, 7.389056099]),
            (.absolute, [1, 0, 2]), (.square, [1, 0, 4]),
            (.tanh, [-0.761594156, 0, 0.964027580]),
            (.sigmoid, [0.268941421, 0.5, 0.880797078]), (.step, [0, 0, 1]), (.sign, [-1, 0, 1]),
            (.softplus, [0.313261688, 0.693147181, 2.126928011]),
            (.erf, [-0.842700793, 0, 0.995322265]), (.gelu, [-0.158655254, 0, 1.954499736]),
            (.silu, [-0.268941421, 0, 1.761594156]), (.hardSigmoid, [1.0 / 3, 0.5, 5.0 / 6]),
            (.hardSwish, [-1.0 / 3, 0, 5.0 / 3]),
        ] as [(Unary.Function, [Double])])
    func unaryFunctions(function: Unary.Function, expected: [Double]) {
        for (x, y) in zip([-1.0, 0, 2], expected) { #expect(abs(function(x) - y) < 1e-8) }
    }

    @Test func softplusAndLogSoftmaxDoNotOverflow() throws {
        #expect(Unary.Function.softplus(1000) == 1000)
        #expect(Unary.Function.softplus(-1000) == 0)
        let x = tensor([1, 2], 1000, 0)
        let y = try LogSoftmax(axis: 1).evaluate([x], outputs: [TensorType([1, 2])])
        #expect(y[0].values == [0, -1000])
    }

    @Test func gatherRefusesForeignIndices() {
        let error = #expect(throws: GraphError.self) {
            try Gather(axis: 0).evaluate(
                [counting([3]), tensor([1], 3)], outputs: [TensorType([1])])
        }
        #expect(error?.message == "index 3.0 is outside an axis of extent 3")
    }

    /// Each operator of the sources is in the table of shape errors, so a new one is not forgotten.
    @Test func everyOperatorIsTested() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appending(path: "Sources/Graphs/Operators")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var kinds: Set<String> = []
        for case let file as URL in try #require(files) where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /static let kind = "(\w+)"/) {
                kinds.insert(String(match.1))
            }
        }
        let tested = Set(ShapeErrorTests.misfits.map { $0.operation.kind })
        let leaves: Set<String> = ["Input", "State", "Constant"]
        #expect(kinds.subtracting(tested).subtracting(leaves) == [])
    }
}
