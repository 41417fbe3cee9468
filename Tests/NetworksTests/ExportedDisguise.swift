import Foundation
import Graphs
import Tensors

/// A network as exporters write it: normalisations folded into convolutions, matrices turned, states renamed.
struct ExportedDisguise {
    enum Naming: String, CaseIterable {
        /// Weights keep their names, though not their values.
        case states
        /// States have numbers, and the module of each layer is a label.
        case modules
        /// Nothing tells which layer is which.
        case nothing
    }

    private(set) var graph = Graph()
    private(set) var values: [String: Tensor<Float>] = [:]
    /// The folded weights and biases by the original's names of the weights.
    private(set) var folded: [String: (weight: Tensor<Float>, bias: Tensor<Float>)] = [:]

    private let naming: Naming
    /// A state that keeps its name whatever the naming.
    private let exception: String
    private var images: [Value: Value] = [:]

    init(
        _ original: Graph, states: [String: Tensor<Float>], naming: Naming,
        except exception: String = ""
    ) throws {
        self.naming = naming
        self.exception = exception
        var normalizations: [Value: Node] = [:]
        for node in original.nodes where node.operation is BatchNormalizationInference {
            normalizations[node.inputs[0]] = node
        }
        func tensor(_ value: Value) -> (name: String, value: Tensor<Float>)? {
            // A matrix may be read as a kernel of one pixel.
            let node = original.node(of: value)
            if node.operation is Reshape { return tensor(node.inputs[0]) }
            return (node.operation as? State).flatMap { state in
                states[state.declaration.name].map { (state.declaration.name, $0) }
            }
        }
        for node in original.nodes {
            let result = node.output()
            switch node.operation {
            case let input as Input: images[result] = try graph.input(input.name, input.type.shape)
            case let constant as Constant: images[result] = try graph.constant(constant.value)
            // Declared by what reads them.
            case is State: continue
            case is BatchNormalizationInference:
                images[result] = images[node.inputs[0]]
            case is Convolution:
                guard let normalization = normalizations[result],
                    let weight = tensor(node.inputs[1])
                else {
                    try copy(node, tensor)
                    continue
                }
                let parts = normalization.inputs.dropFirst().compactMap { tensor($0)?.value.values }
                try fold(node, normalization, weight, parts)
            case is MatrixMultiply:
                guard let weight = tensor(node.inputs[1]) else {
                    try copy(node, tensor)
                    continue
                }
                let name = self.name(weight.name)
                let state = try declare(name, turned(weight.value))
                let product = try graph.add(MatrixMultiply(), image(node.inputs[0], tensor), state)
                images[result] = product
                note(weight.name, product)
            default: try copy(node, tensor)
            }
        }
    }

    private mutating func copy(
        _ node: Node, _ tensor: (Value) -> (name: String, value: Tensor<Float>)?
    ) throws {
        let inputs = try node.inputs.map { try image($0, tensor) }
        images[node.output()] = try graph.append(node.operation, inputs).output()
        if node.inputs.count > 1, let weight = tensor(node.inputs[1]), node.operation is Convolution
        {
            note(weight.name, Value(node: graph.nodes.count - 1))
        }
        // A module that ends in the addition of its bias is known by the sum.
        if node.inputs.count == 2, let bias = tensor(node.inputs[1]), bias.name.hasSuffix(".bias") {
            note(bias.name, Value(node: graph.nodes.count - 1))
        }
    }

    private mutating func image(
        _ value: Value, _ tensor: (Value) -> (name: String, value: Tensor<Float>)?
    ) throws -> Value {
        if let image = images[value] { return image }
        guard let state = tensor(value) else { throw GraphError(.unbound, "no image of \(value)") }
        let image = try declare(
            name(
                state.name, isLayer: state.value.shape.rank > 1 && state.name.hasSuffix(".weight")),
            state.value)
        images[value] = image
        return image
    }

    private mutating func fold(
        _ node: Node, _ normalization: Node, _ weight: (name: String, value: Tensor<Float>),
        _ parts: [[Float]]
    ) throws {
        let epsilon = (normalization.operation as? BatchNormalizationInference)?.epsilon ?? 0
        let channels = weight.value.shape[0]
        let factors = (0..<channels).map {
            parts[0][$0] / (parts[3][$0] + Float(epsilon)).squareRoot()
        }
        let stride = weight.value.shape.count / channels
        var merged = weight.value
        for index in merged.values.indices { merged.values[index] *= factors[index / stride] }
        let bias = Tensor<Float>(
            shape: [channels],
            values: (0..<channels).map { parts[1][$0] - parts[2][$0] * factors[$0] })
        folded[weight.name] = (merged, bias)
        let name = name(weight.name)
        let operands = [try declare(name, merged), try declare(name + "_bias", bias)]
        guard let x = images[node.inputs[0]] else {
            throw GraphError(.unbound, "a map of no image")
        }
        let result = try graph.append(node.operation, [x] + operands).output()
        images[node.output()] = result
        note(weight.name, result)
    }

    private mutating func declare(_ name: String, _ value: Tensor<Float>) throws -> Value {
        values[name] = value
        return try graph.state(
            StateDeclaration(
                name: name, shape: value.shape, role: .parameter, initializer: .values(value)))
    }

    private func name(_ original: String, isLayer: Bool = true) -> String {
        return original == exception || naming == .states || naming == .modules && !isLayer
            ? original : "onnx::\(values.count)"
    }

    private mutating func note(_ state: String, _ value: Value) {
        guard naming == .modules, let dot = state.lastIndex(of: ".") else { return }
        graph.label(value, String(state[..<dot]))
    }

    private func turned(_ matrix: Tensor<Float>) -> Tensor<Float> {
        let (rows, columns) = (matrix.shape[0], matrix.shape[1])
        let values = (0..<rows * columns).map { matrix.values[$0 % rows * columns + $0 / rows] }
        return Tensor(shape: [columns, rows], values: values)
    }
}
