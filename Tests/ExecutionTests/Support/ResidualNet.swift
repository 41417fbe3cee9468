import Graphs
import Tensors

/// A small residual classifier with everything that training needs, built by hand.
struct ResidualNet {
    var batch = 4
    var size = 8
    var widths = [8, 16]
    var classes = 5
    var momentum = 0.9
    var clips = true

    /// Forward pass in training or inference mode; the logits are the output `logits`.
    func forwards(_ graph: inout Graph, training: Bool) throws -> Value {
        let x = try graph.input("image", [batch, 3, size, size])
        var y = try unit(&graph, x, "stem", widths[0], stride: 1, training, rectifies: true)
        y = try graph.add(
            MaximumPool(window: [3, 3], strides: [2, 2], padding: Padding(1), ceilMode: false), y)
        for (index, width) in widths.enumerated() {
            y = try block(&graph, y, "layer\(index)", width, stride: index == 0 ? 1 : 2, training)
        }
        graph.label(y, "features")
        let pooled = try graph.reduce(.mean, y, axes: [2, 3])
        let weight = try graph.state(
            "fc.weight", [classes, widths[widths.count - 1]], role: .parameter,
            initializer: .uniformFanIn, decays: true)
        let bias = try graph.state(
            "fc.bias", [classes], role: .parameter, initializer: .constant(0))
        let logits = try graph.add(
            graph.multiplyMatrices(pooled, weight, transposeRight: true), bias)
        graph.output("logits", logits)
        return logits
    }

    private func block(
        _ graph: inout Graph, _ x: Value, _ name: String, _ width: Int, stride: Int,
        _ training: Bool
    ) throws -> Value {
        let a = try unit(&graph, x, "\(name).1", width, stride: stride, training, rectifies: true)
        let b = try unit(&graph, a, "\(name).2", width, stride: 1, training, rectifies: false)
        var shortcut = x
        if stride != 1 {
            shortcut = try unit(
                &graph, x, "\(name).down", width, kernel: 1, stride: stride, training,
                rectifies: false)
        }
        return try graph.rectify(graph.add(b, shortcut))
    }

    private func unit(
        _ graph: inout Graph, _ x: Value, _ name: String, _ width: Int, kernel: Int = 3,
        stride: Int, _ training: Bool, rectifies: Bool
    ) throws -> Value {
        let inputs = graph.shape(of: x)[1]
        let y = try graph.scoped(name) { graph in
            let weight = try graph.state(
                "weight", [width, inputs, kernel, kernel], role: .parameter,
                initializer: .kaimingNormalFanOut, decays: true)
            let scale = try graph.state(
                "scale", [width], role: .parameter, initializer: .constant(1))
            let offset = try graph.state(
                "offset", [width], role: .parameter, initializer: .constant(0))
            let mean = try graph.state(
                "mean", [width], role: .statistic, initializer: .constant(0))
            let variance = try graph.state(
                "variance", [width], role: .statistic, initializer: .constant(1))
            let y = try graph.convolve(
                x, weight: weight, strides: [stride, stride], padding: Padding(kernel / 2))
            guard training else {
                return try graph.normalize(
                    y, scale: scale, offset: offset, mean: mean, variance: variance)
            }
            let normalized = try graph.normalizeBatch(y, scale: scale, offset: offset)
            try graph.replace(
                state: "\(name).mean",
                with: graph.movingAverage(mean, normalized.mean, decay: 0.9))
            try graph.replace(
                state: "\(name).variance",
                with: graph.movingAverage(variance, normalized.unbiasedVariance, decay: 0.9))
            return normalized.y
        }
        return rectifies ? try graph.rectify(y) : y
    }

    /// Cross-entropy with soft targets, all gradients, clipping, Nesterov and an average of the weights.
    func trainingGraph(outputsGradients: Bool = false) throws -> Graph {
        var graph = Graph()
        let logits = try forwards(&graph, training: true)
        let targets = try graph.input("targets", [batch, classes])
        let log = try graph.logSoftmax(logits, axis: 1)
        let sum = try graph.reduce(.sum, graph.multiply(targets, log), axes: [1])
        let loss = try graph.negate(graph.reduce(.mean, sum))
        graph.output("loss", loss)
        let parameters = graph.states.filter { $0.declaration.role == .parameter }
        let gradients = try graph.gradients(of: loss, for: parameters.map(\.value)).compactMap {
            $0
        }
        let norm = try graph.globalNorm(gradients)
        graph.output("norm", norm)
        let one = try graph.constant(1)
        let scale =
            clips
            ? try graph.divide(one, graph.maximum(one, norm)) : one
        let rate = try graph.input("rate", [])
        for ((declaration, value), gradient) in zip(parameters, gradients) {
            if outputsGradients { graph.output("d/" + declaration.name, gradient) }
            let velocity = try graph.state(
                StateDeclaration(
                    name: "velocity/" + declaration.name, shape: declaration.shape,
                    role: .optimizer, initializer: .constant(0)))
            let average = try graph.state(
                StateDeclaration(
                    name: "average/" + declaration.name, shape: declaration.shape, role: .average,
                    initializer: .copy(of: declaration.name)))
            let update = try graph.nesterovUpdate(
                value, gradient: gradient, velocity: velocity, learningRate: rate,
                gradientScale: scale, momentum: momentum,
                weightDecay: declaration.decays ? 5e-4 : 0)
            try graph.replace(state: declaration.name, with: update.parameter)
            try graph.replace(state: "velocity/" + declaration.name, with: update.velocity)
            try graph.replace(
                state: "average/" + declaration.name,
                with: graph.movingAverage(average, update.parameter, decay: 0.95))
        }
        return graph
    }

    func inferenceGraph() throws -> Graph {
        var graph = Graph()
        _ = try forwards(&graph, training: false)
        return graph
    }
}
