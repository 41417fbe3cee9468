import Graphs
import Tensors
import Testing

/// Every derivative against central differences.
@Suite struct GradientTests {
    static let seed: UInt64 = 2026

    @Test(
        arguments: GradientCase.elementWise + GradientCase.reductions + GradientCase.shaping
            + GradientCase.spatial + GradientCase.algebra + GradientCase.composite
            + GradientCase.attention)
    func matchesCentralDifferences(_ check: GradientCase) throws {
        let result = try GradientCheck(check, seed: Self.seed)
        for name in result.names {
            let error = try result.error(of: name)
            #expect(error < 1e-6, "\(check.name) by \(name), seed \(Self.seed)")
        }
    }

    /// The check must notice a wrong derivative.
    @Test func noticesAWrongDerivative() throws {
        let wrong = GradientCase("wrong", .normal([3])) { graph, x in
            // The value of x², the derivative of x alone.
            try graph.add(x[0], graph.stopGradient(graph.subtract(graph.square(x[0]), x[0])))
        }
        #expect(try GradientCheck(wrong, seed: Self.seed).error(of: "x0") > 1e-2)
    }
}
