import Graphs
import Networks
import Tensors

/// The training graphs of the loss curves: a ResNet-18, a loss and its minimisation.
struct LossCurveGraph {
    let graph: Graph
    let schedule: CosineSchedule

    init(_ workload: String, _ reference: LossCurveReference) throws {
        var graph = Graph()
        let image = try graph.input("image", [reference.batch, 3, reference.size, reference.size])
        let taps = try ResidualNetwork.resnet18.build(
            into: &graph, input: image,
            options: BuildOptions(classes: reference.classes, training: true))
        let loss =
            workload == "training"
            ? try Self.crossEntropy(taps, reference, in: &graph)
            : try Self.distillation(taps, reference, in: &graph)
        graph.output("loss", loss)
        let rate = try graph.input("rate", .scalar)
        try NesterovSGD(
            momentum: reference.momentum, weightDecay: reference.weightDecay,
            gradientClip: reference.gradientClip
        ).minimize(loss, learningRate: rate, in: &graph)
        self.graph = graph
        schedule = CosineSchedule(
            peak: reference.peak, steps: reference.steps, warmUp: reference.warmUp)
    }

    private static func crossEntropy(
        _ taps: NetworkTaps, _ reference: LossCurveReference, in graph: inout Graph
    ) throws -> Value {
        let labels = try graph.input("labels", [reference.batch, reference.classes])
        let logits = try taps.logits ?? graph.constant(0)
        let terms = try graph.multiply(labels, graph.logSoftmax(logits, axis: 1))
        let perSample = try graph.reduce(.sum, terms, axes: [1], keepDimensions: false)
        return try graph.negate(graph.reduce(.mean, perSample))
    }

    /// Kullback-Leibler divergence at temperature 4 plus centred cosine through a projector.
    private static func distillation(
        _ taps: NetworkTaps, _ reference: LossCurveReference, in graph: inout Graph
    ) throws -> Value {
        let temperature = 4.0
        let batch = reference.batch
        let answer = try graph.input("teacher.logits", [batch, reference.classes])
        let logits = try taps.logits ?? graph.constant(0)
        func soften(_ logits: Value, _ graph: inout Graph) throws -> Value {
            try graph.logSoftmax(
                graph.affine(logits, scale: 1 / temperature, offset: 0), axis: 1)
        }
        let teacher = try soften(answer, &graph)
        let ratio = try graph.subtract(teacher, soften(logits, &graph))
        let divergence = try graph.reduce(
            .sum, graph.multiply(graph.exponential(teacher), ratio), axes: [1],
            keepDimensions: false)
        let response = try graph.affine(
            graph.reduce(.mean, divergence), scale: temperature * temperature, offset: 0)
        return try graph.add(response, centredCosine(taps.features, reference, in: &graph))
    }

    private static func centredCosine(
        _ features: Value, _ reference: LossCurveReference, in graph: inout Graph
    ) throws -> Value {
        let width = reference.teacherChannels
        let map = try graph.input("teacher.features", [reference.batch, width, 1, 1])
        func perChannel(_ name: String, _ graph: inout Graph) throws -> Value {
            try graph.reshape(
                graph.input(name, [width]), [.size(1), .size(width), .size(1), .size(1)])
        }
        let centred = try graph.subtract(map, perChannel("teacher.features.mean", &graph))
        let teacher = try graph.multiply(
            centred, graph.reciprocal(perChannel("teacher.features.std", &graph)))
        let channels = graph.shape(of: features)[1]
        let projector = "objective.1.projector"
        let weight = try graph.state(
            "\(projector).weight", [width, channels, 1, 1], role: .parameter,
            initializer: .uniformFanIn, decays: true)
        let bias = try graph.state(
            "\(projector).bias", [width], role: .parameter, initializer: .constant(0))
        let student = try graph.convolve(features, weight: weight, bias: bias, name: projector)
        func sum(_ x: Value, _ graph: inout Graph) throws -> Value {
            try graph.reduce(.sum, x, axes: [1], keepDimensions: false)
        }
        let squares = try graph.multiply(
            sum(graph.square(student), &graph), sum(graph.square(teacher), &graph))
        let cosine = try graph.multiply(
            sum(graph.multiply(student, teacher), &graph),
            graph.reciprocal(graph.squareRoot(squares)))
        return try graph.affine(graph.reduce(.mean, cosine), scale: -1, offset: 1)
    }
}
