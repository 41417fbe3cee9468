package import Tensors

/// A named tensor that outlives a run: a parameter, a running statistic, a moment, a memory.
package struct StateDeclaration: Sendable, Hashable {
    package enum Role: String, Sendable, Codable {
        /// Trained by gradient.
        case parameter
        /// Running statistics and other buffers that belong to the model.
        case statistic
        /// Belongs to the optimiser, not to the model.
        case optimizer
        /// Exponential moving averages of parameters and statistics.
        case average
        /// Queues and memories of objectives.
        case memory
    }

    package var name: String
    package var shape: Shape
    package var role: Role
    package var initializer: Initializer
    /// Whether weight decay applies: weights yes, biases and normalisation scales no.
    package var decays: Bool

    package init(
        name: String, shape: Shape, role: Role, initializer: Initializer, decays: Bool = false
    ) {
        self.name = name
        self.shape = shape
        self.role = role
        self.initializer = initializer
        self.decays = decays
    }
}

/// How a state begins.
package enum Initializer: Sendable, Hashable {
    case constant(Float)
    /// Normal with standard deviation sqrt(2 / fan), fan = outputs x receptive field.
    ///
    /// - Reference: He et al. 2015, 1502.01852.
    case kaimingNormalFanOut
    /// Uniform in ±1/sqrt(fan in): what torch.nn.Linear and Conv2d start with.
    case uniformFanIn
    case normal(standardDeviation: Float)
    case values(Tensor<Float>)
    /// A copy of another state's beginning (an average starts as its parameter).
    case copy(of: String)
}
