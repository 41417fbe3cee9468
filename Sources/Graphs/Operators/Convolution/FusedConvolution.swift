package import Tensors

/// A convolution with bias, and in one pass a residual added and the sum rectified. For inference only.
///
/// `y = rectify(convolution(x, weight) + bias + residual)`
/// - Shapes: inputs x, weight, bias `[outputs]` and, with `addsResidual`, a residual of y's shape.
package struct FusedConvolution: Operator, Hashable {
    package static let kind = "FusedConvolution"
    package let convolution: Convolution
    package let rectifies: Bool
    package let addsResidual: Bool

    package init(_ convolution: Convolution, rectifies: Bool, addsResidual: Bool) {
        self.convolution = convolution
        self.rectifies = rectifies
        self.addsResidual = addsResidual
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        convolution.attributes + [
            ("rectifies", .flag(rectifies)), ("addsResidual", .flag(addsResidual)),
        ]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: addsResidual ? 4 : 3)
        let types = try convolution.infer(Array(inputs[..<3]))
        if addsResidual { try expect("a residual", inputs[3], shape: types[0].shape) }
        return types
    }

    package func multiplyAdds(_ inputs: [TensorType], outputs: [TensorType]) -> Int {
        convolution.multiplyAdds(inputs, outputs: outputs)
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        var y = try convolution.evaluate(Array(inputs[..<3]), outputs: outputs)[0]
        for index in y.values.indices {
            if addsResidual { y.values[index] += inputs[3].values[index] }
            if rectifies { y.values[index] = Swift.max(y.values[index], 0) }
        }
        return [y]
    }
}
