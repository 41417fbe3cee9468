import Tensors

extension Graph {
    /// Appends the backward pass of a scalar and returns its gradient for each of `parameters`.
    ///
    /// Reverse accumulation: one sweep over the nodes between the parameters and the loss, in which every
    /// operator adds its own vector-Jacobian product.
    ///
    /// - Parameter loss: a value of shape `[]`.
    /// - Returns: for each parameter its gradient, nil where the loss does not depend on it.
    /// - Throws: `GraphError.notDifferentiable` with the node that has no derivative.
    package mutating func gradients(
        of loss: Value, for parameters: [Value]
    ) throws -> [Value?] {
        guard shape(of: loss) == .scalar else {
            throw GraphError(
                .shape, node: node(of: loss).name,
                "only a scalar has a gradient, this value has shape \(shape(of: loss))")
        }
        let last = loss.node
        var dependent = [Bool](repeating: false, count: last + 1)
        for parameter in parameters where parameter.node <= last {
            dependent[parameter.node] = true
        }
        for node in nodes[...last] where !(node.operation is StopGradient) {
            if node.inputs.contains(where: { dependent[$0.node] }) { dependent[node.index] = true }
        }
        var gradients: [Value: Value] = [:]
        gradients[loss] = try constant(Tensor(scalar: 1))
        for index in stride(from: last, through: 0, by: -1) where dependent[index] {
            let node = nodes[index]
            let outputs = node.outputs.indices.map { gradients[node.output($0)] }
            guard outputs.contains(where: { $0 != nil }), !node.inputs.isEmpty else { continue }
            let needed = node.inputs.map { dependent[$0.node] }
            guard needed.contains(true) else { continue }
            let flows = try node.operation.differentiate(
                node, gradients: outputs, needed: needed, in: &self)
            precondition(flows.count == node.inputs.count, "\(node.name): one gradient per input")
            for (input, flow) in zip(node.inputs, flows) where dependent[input.node] {
                guard let flow else { continue }
                precondition(
                    shape(of: flow) == shape(of: input),
                    "\(node.name): gradient \(shape(of: flow)) for an input \(shape(of: input))")
                if let known = gradients[input] {
                    gradients[input] = try add(known, flow)
                } else {
                    gradients[input] = flow
                }
            }
        }
        return parameters.map { gradients[$0] }
    }
}
