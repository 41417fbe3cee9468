package import Tensors

/// A tensor that the caller feeds on every run.
package struct Input: Operator {
    package static let kind = "Input"
    package let name: String
    package let type: TensorType

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] { [type] }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        throw GraphError(.unbound, node: name, "the input has no value; feed it")
    }
}

/// A named state read at the beginning of a run.
package struct State: Operator {
    package static let kind = "State"
    package let declaration: StateDeclaration

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        [TensorType(declaration.shape)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        throw GraphError(.unbound, node: declaration.name, "the state has no value; initialise it")
    }
}

/// A tensor known when the graph is built.
package struct Constant: Operator, Hashable {
    package static let kind = "Constant"
    package let value: Tensor<Double>
    package let element: ElementType

    package init(_ value: Tensor<Double>, element: ElementType = .float32) {
        self.value = value
        self.element = element
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        [TensorType(value.shape, element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] { [value] }
}
