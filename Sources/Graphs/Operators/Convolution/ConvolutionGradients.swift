package import Tensors

/// The gradient of a convolution by its image.
///
/// - Shapes: inputs g, weight, and the image, for its shape; dx as the latter.
package struct ConvolutionInputGradient: Operator {
    package static let kind = "ConvolutionInputGradient"
    package let convolution: Convolution

    package init(_ convolution: Convolution) {
        self.convolution = convolution
    }

    package var attributes: [(name: String, value: AttributeValue)] { convolution.attributes }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 3)
        let y = try convolution.infer([inputs[2], inputs[1]])[0].shape
        try expect("the gradient", inputs[0], shape: y)
        return [TensorType(inputs[2].shape, inputs[0].element)]
    }

    package func multiplyAdds(_ inputs: [TensorType], outputs: [TensorType]) -> Int {
        convolution.products(weight: inputs[1].shape, y: inputs[0].shape)
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let g = inputs[0].values
        let weight = inputs[1].values
        var result = Tensor<Double>(shape: outputs[0].shape, repeating: 0)
        convolution.taps(x: outputs[0].shape, weight: inputs[1].shape, y: inputs[0].shape) {
            result.values[$0] += g[$2] * weight[$1]
        }
        return [result]
    }
}

/// The gradient of a convolution by its weight.
///
/// - Shapes: inputs x, g, and the weight, for its shape; dw as the latter.
package struct ConvolutionWeightGradient: Operator {
    package static let kind = "ConvolutionWeightGradient"
    package let convolution: Convolution

    package init(_ convolution: Convolution) {
        self.convolution = convolution
    }

    package var attributes: [(name: String, value: AttributeValue)] { convolution.attributes }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 3)
        let y = try convolution.infer([inputs[0], inputs[2]])[0].shape
        try expect("the gradient", inputs[1], shape: y)
        return [TensorType(inputs[2].shape, inputs[1].element)]
    }

    package func multiplyAdds(_ inputs: [TensorType], outputs: [TensorType]) -> Int {
        convolution.products(weight: inputs[2].shape, y: inputs[1].shape)
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0].values
        let g = inputs[1].values
        var result = Tensor<Double>(shape: outputs[0].shape, repeating: 0)
        convolution.taps(x: inputs[0].shape, weight: outputs[0].shape, y: inputs[1].shape) {
            result.values[$1] += x[$0] * g[$2]
        }
        return [result]
    }
}
