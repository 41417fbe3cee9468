import Graphs
import Tensors

/// A small residual network for inference, built as torchvision builds its own.
struct ResidualNetwork {
    var graph = Graph()
    var states: [String: Tensor<Double>] = [:]
    var feeds: [String: Tensor<Double>] = [:]

    init(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let x = try graph.input("image", [2, 3, 8, 8])
        feeds["image"] = Operand.normal([2, 3, 8, 8]).draw(&generator)
        var y = try unit("stem", x, outputs: 4, &generator)
        y = try graph.rectify(y, name: "stem.relu")
        y = try block("layer1", y, outputs: 4, stride: 1, &generator)
        y = try block("layer2", y, outputs: 6, stride: 2, &generator)
        graph.label(y, "layer2")
        let pooled = try graph.globalAveragePool(y)
        let weight = try state("fc.weight", .normal([5, 6]), &generator)
        let bias = try state("fc.bias", .normal([5]), &generator)
        let product = try graph.multiplyMatrices(pooled, weight, transposeRight: true)
        let logits = try graph.add(product, bias)
        graph.label(pooled, "features")
        graph.output("logits", logits)
        graph.output("probabilities", try graph.softmax(logits, axis: -1))
    }

    private mutating func state(
        _ name: String, _ operand: Operand, _ generator: inout SeededGenerator
    ) throws -> Value {
        states[name] = operand.draw(&generator)
        return try graph.state(name, operand.shape, role: .parameter, initializer: .constant(0))
    }

    private mutating func unit(
        _ name: String, _ x: Value, outputs: Int, stride: Int = 1, window: Int = 3,
        _ generator: inout SeededGenerator
    ) throws -> Value {
        let channels = graph.shape(of: x)[1]
        let weight = try state(
            "\(name).weight", .normal([outputs, channels, window, window]), &generator)
        let y = try graph.convolve(
            x, weight: weight, strides: [stride, stride], padding: Padding(window / 2),
            name: "\(name).convolution")
        graph.label(y, "\(name).raw")
        let scale = try state("\(name).scale", .positive([outputs]), &generator)
        let offset = try state("\(name).offset", .normal([outputs]), &generator)
        let mean = try state("\(name).mean", .normal([outputs]), &generator)
        let variance = try state("\(name).variance", .positive([outputs]), &generator)
        return try graph.normalize(
            y, scale: scale, offset: offset, mean: mean, variance: variance,
            name: "\(name).normalization")
    }

    private mutating func block(
        _ name: String, _ x: Value, outputs: Int, stride: Int, _ generator: inout SeededGenerator
    ) throws -> Value {
        let first = try unit("\(name).1", x, outputs: outputs, stride: stride, &generator)
        let second = try unit(
            "\(name).2", graph.rectify(first), outputs: outputs, &generator)
        let shortcut =
            stride == 1
            ? x
            : try unit(
                "\(name).shortcut", x, outputs: outputs, stride: stride, window: 1, &generator)
        return try graph.rectify(graph.add(second, shortcut), name: "\(name).out")
    }
}
