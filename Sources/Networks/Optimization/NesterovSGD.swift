package import Graphs
import Tensors

/// Stochastic gradient descent with Nesterov's momentum, as torch.optim.SGD(nesterov=True) computes it.
///
/// `g' = s g + w p`, `v = m v + g'`, `p = p - lr (g' + m v)`, with s = min(1, clip / (norm + 1e-6)) over
/// all gradients together. Weight decay w applies to weights of convolutions and linear layers only
/// (`StateDeclaration.decays`), not to biases, normalisation scales and offsets: torch decays all unless
/// told otherwise.
/// - Reference: Sutskever et al. 2013, "On the importance of initialization and momentum".
package struct NesterovSGD: Optimizer {
    package var momentum: Double
    package var weightDecay: Double
    /// The greatest length of the whole gradient; 0: no limit.
    package var gradientClip: Double

    package init(momentum: Double = 0.9, weightDecay: Double = 5e-4, gradientClip: Double = 1) {
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.gradientClip = gradientClip
    }

    /// The name of a parameter's velocity among the states.
    package static func velocityName(of parameter: String) -> String {
        "optimizer.velocity.\(parameter)"
    }

    package func apply(
        gradients: [(declaration: StateDeclaration, gradient: Value)], learningRate: Value,
        to graph: inout Graph
    ) throws {
        guard !gradients.isEmpty else {
            throw NetworkError(
                .optimizer, context: "loss",
                "depends on no trained parameter; check which networks are frozen")
        }
        let reduced = try reduceGradients(gradients, in: &graph)
        let norm = try graph.append(
            GlobalNorm(), reduced.map(\.gradient), name: "gradient.norm"
        ).output()
        graph.output("gradient.norm", norm)
        let scale = try gradientScale(norm: norm, in: &graph)
        for (declaration, gradient) in reduced {
            let parameter = try graph.state(declaration)
            let velocity = try graph.state(
                StateDeclaration(
                    name: NesterovSGD.velocityName(of: declaration.name), shape: declaration.shape,
                    role: .optimizer, initializer: .constant(0)))
            let update = try graph.append(
                NesterovUpdate(
                    momentum: momentum, weightDecay: declaration.decays ? weightDecay : 0),
                [parameter, gradient, velocity, learningRate, scale],
                name: "\(declaration.name).update")
            try graph.replace(state: declaration.name, with: update.output(0))
            try graph.replace(
                state: NesterovSGD.velocityName(of: declaration.name), with: update.output(1))
        }
    }

    private func gradientScale(norm: Value, in graph: inout Graph) throws -> Value {
        guard gradientClip > 0 else { return try graph.constant(1) }
        let inverse = try graph.reciprocal(graph.affine(norm, scale: 1, offset: 1e-6))
        return try graph.clip(
            graph.affine(inverse, scale: gradientClip, offset: 0), minimum: 0, maximum: 1)
    }
}
