import Graphs
import Tensors

/// Layers: an operator together with the states it owns.
extension Graph {
    /// A convolution, by default without bias and padded so that stride 1 keeps the size.
    ///
    /// - Shapes: `[batch, channels, height, width]` to `[batch, outputs, height / stride, ...]`.
    mutating func convolutionLayer(
        _ name: String, _ x: Value, outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1,
        padding: Padding? = nil, hasBias: Bool = false,
        initializer: Initializer = .kaimingNormalFanOut
    ) throws -> Value {
        let channels = shape(of: x)[1]
        let (weight, bias) = try scoped(name) { graph in
            (
                try graph.state(
                    "weight", [outputs, channels / groups, kernel, kernel], role: .parameter,
                    initializer: initializer, decays: true),
                hasBias
                    ? try graph.state(
                        "bias", [outputs], role: .parameter, initializer: .constant(0)) : nil
            )
        }
        return try convolve(
            x, weight: weight, bias: bias, strides: [stride, stride],
            padding: padding ?? Padding((kernel - 1) / 2), groups: groups, name: name)
    }

    /// Layer normalisation with a scale and an offset, over the last axis or, for maps, the channels.
    mutating func layerNormalizationLayer(
        _ name: String, _ x: Value, axis: Int = -1, epsilon: Double = 1e-6
    ) throws -> Value {
        let extent = shape(of: x)[axis]
        let (scale, offset) = try scoped(name) { graph in
            (
                try graph.state("weight", [extent], role: .parameter, initializer: .constant(1)),
                try graph.state("bias", [extent], role: .parameter, initializer: .constant(0))
            )
        }
        return try normalizeLayer(
            x, scale: scale, offset: offset, axis: axis, epsilon: epsilon, name: name)
    }

    /// `y = x W^T + b` at each position of a map: a linear layer whose weight is a matrix.
    ///
    /// - Shapes: `[batch, features, height, width]` to `[batch, outputs, height, width]`.
    mutating func pointwiseLinearLayer(
        _ name: String, _ x: Value, outputs: Int, initializer: Initializer
    ) throws -> Value {
        let (weight, bias) = try linearStates(
            name, features: shape(of: x)[1], outputs: outputs, initializer: initializer)
        let kernel = try reshape(weight, [.copy(0), .copy(1), .size(1), .size(1)])
        return try convolve(x, weight: kernel, bias: bias, name: name)
    }

    private mutating func linearStates(
        _ name: String, features: Int, outputs: Int, initializer: Initializer
    ) throws -> (weight: Value, bias: Value) {
        try scoped(name) { graph in
            (
                try graph.state(
                    "weight", [outputs, features], role: .parameter, initializer: initializer,
                    decays: true),
                try graph.state("bias", [outputs], role: .parameter, initializer: .constant(0))
            )
        }
    }

    /// Batch normalisation with running statistics under torch's names.
    ///
    /// While training `y = scale (x - mean_batch) / sqrt(variance_batch + eps) + offset`, and the running
    /// mean and the running unbiased variance take the batch's in; else the running ones stand in.
    /// - Throws: `NetworkError.input` while training on one value a channel, which has no variance.
    mutating func normalizationLayer(
        _ name: String, _ x: Value, options: BuildOptions
    ) throws -> Value {
        let shape: Shape = [shape(of: x)[1]]
        func declare(
            _ state: String, _ role: StateDeclaration.Role, _ start: Float, in graph: inout Graph
        ) throws -> Value {
            try graph.scoped(name) {
                try $0.state(state, shape, role: role, initializer: .constant(start))
            }
        }
        let scale = try declare("weight", .parameter, 1, in: &self)
        let offset = try declare("bias", .parameter, 0, in: &self)
        let mean = try declare("running_mean", .statistic, 0, in: &self)
        let variance = try declare("running_var", .statistic, 1, in: &self)
        guard options.training else {
            return try add(
                BatchNormalizationInference(epsilon: options.normalizationEpsilon),
                x, scale, offset, mean, variance, name: name)
        }
        let batch = self.shape(of: x)
        guard batch.count > batch[1] else {
            throw NetworkError(
                .input, context: name,
                "while training, batch normalisation needs more than one value a channel, but here "
                    + "it sees \(batch); use a larger batch or a larger input")
        }
        let node = try append(
            BatchNormalization(epsilon: options.normalizationEpsilon), [x, scale, offset],
            name: name)
        let decay = 1 - options.statisticsMomentum
        for (running, batch) in [(mean, node.output(1)), (variance, node.output(3))] {
            try replace(
                state: self.node(of: running).name,
                with: movingAverage(running, batch, decay: decay))
        }
        return node.output()
    }

    /// `y = x W^T + b`.
    ///
    /// - Shapes: `[batch, ..., features]` to `[batch, ..., outputs]`.
    mutating func linearLayer(
        _ name: String, _ x: Value, outputs: Int, initializer: Initializer
    ) throws -> Value {
        let (weight, bias) = try linearStates(
            name, features: shape(of: x)[-1], outputs: outputs, initializer: initializer)
        return try add(multiplyMatrices(x, weight, transposeRight: true), bias)
    }

    /// Pools the last feature map, adds the head if there is one, and labels the taps.
    ///
    /// - Parameter prepare: what a head computes of the pooled map before its last layer.
    mutating func finishNetwork(
        features: Value, head: String, initializer: Initializer, options: BuildOptions,
        prepare: (inout Graph, Value) throws -> Value = { $1 }
    ) throws -> NetworkTaps {
        label(features, "features")
        let pooled = try reduce(.mean, features, axes: [2, 3], keepDimensions: false)
        label(pooled, "pooled")
        var taps = NetworkTaps(features: features, pooled: pooled, logits: nil)
        if let classes = options.classes {
            let last = try prepare(&self, pooled)
            let logits = try linearLayer(head, last, outputs: classes, initializer: initializer)
            label(logits, "logits")
            taps.logits = logits
        }
        return taps
    }

    /// Refuses what is not a batch of images, and a head of no classes.
    func checkNetworkInput(_ input: Value, options: BuildOptions, architecture: String) throws {
        let shape = shape(of: input)
        guard shape.rank == 4, shape.dimensions.dropFirst().allSatisfy({ $0 > 0 }) else {
            throw NetworkError(
                .input, context: architecture,
                "the input is [batch, channels, height, width] with no empty axis, got \(shape)")
        }
        if let classes = options.classes, classes < 1 {
            throw NetworkError(
                .input, context: architecture,
                "a head needs at least one class, got \(classes); leave the classes out for a "
                    + "network without head")
        }
    }
}
