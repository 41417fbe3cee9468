import ArgumentParser
import Execution
import Graphs
import Networks
import Tensors

/// What is measured: a network, its input, and whether it is trained or only run.
struct Workload: ParsableArguments, Encodable {
    static let image = "image"
    static let labels = "labels"
    static let rate = "learning.rate"

    @Option(help: "An architecture of the registry, such as resnet18.")
    var architecture = "resnet18"

    @Option(help: "Side of the square input in pixels.")
    var size = 64

    @Option(help: "Images of a step.")
    var batch = 64

    @Option(help: "Threads; 0: one for each core.")
    var threads = 0

    @Flag(help: "The forward pass of a frozen teacher instead of a student's training step.")
    var frozen = false

    private enum CodingKeys: String, CodingKey { case architecture, size, batch, threads, frozen }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(architecture, forKey: .architecture)
        try container.encode(size, forKey: .size)
        try container.encode(batch, forKey: .batch)
        try container.encode(teamSize, forKey: .threads)
        try container.encode(frozen, forKey: .frozen)
    }

    var classes: Int { 1000 }
    var teamSize: Int { threads == 0 ? Processor.cores : threads }

    func validate() throws {
        guard size > 0, batch > 0, threads >= 0 else {
            throw ValidationError("size and batch are at least 1, threads at least 0")
        }
    }

    /// The graph of one step, before any rewriting.
    ///
    /// A training step is forward, cross-entropy against `labels` `[batch, classes]`, backward and an update
    /// with Nesterov's momentum. Input `image` `[batch, 3, size, size]`; outputs `loss` or `logits`.
    func graph() throws -> Graph {
        var graph = Graph()
        let image = try graph.input(Workload.image, [batch, 3, size, size])
        let taps = try ArchitectureRegistry.architecture(architecture).build(
            into: &graph, input: image, options: BuildOptions(classes: classes, training: !frozen))
        guard let logits = taps.logits else {
            throw ValidationError("\(architecture) has no head")
        }
        if frozen {
            graph.output("logits", logits)
            return graph
        }
        let labels = try graph.input(Workload.labels, [batch, classes])
        let rate = try graph.input(Workload.rate, .scalar)
        let terms = try graph.multiply(labels, graph.logSoftmax(logits, axis: 1))
        let loss = try graph.negate(
            graph.reduce(.mean, graph.reduce(.sum, terms, axes: [1])))
        graph.output("loss", loss)
        try NesterovSGD(momentum: 0.9, weightDecay: 5e-4, gradientClip: 0).minimize(
            loss, learningRate: rate, in: &graph)
        return graph
    }

    /// Gives a plan an image of noise, one class a row, and a small rate.
    func feed(_ plan: Plan) throws {
        var generator = SeededGenerator(seed: 1)
        let shape: Shape = [batch, 3, size, size]
        let noise = (0..<shape.count).map { _ in Float(2 * generator.uniform() - 1) }
        try plan.feed(Workload.image, Tensor(shape: shape, values: noise))
        guard !frozen else { return }
        var labels = Tensor<Float>(shape: [batch, classes], repeating: 0)
        for row in 0..<batch { labels[row, row * 37 % classes] = 1 }
        try plan.feed(Workload.labels, labels)
        try plan.feed(Workload.rate, scalar: 0.001)
    }
}
