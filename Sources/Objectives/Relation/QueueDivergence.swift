package import Graphs
import Tensors

/// Which of the teacher's recent embeddings a sample resembles.
///
/// `mean_i KL(softmax(t_i Q^T / tau) || softmax(s_i Q^T / tau))`, embeddings normalised, without tau^2. Q is a
/// queue of the teacher's embeddings, first in, first out; the batch enters before it is compared, and places
/// that nobody has entered yet have probability zero. A student of another width gets a trained linear
/// projector to the teacher's.
/// - Shapes: `[batch, channels]`, or maps, which are averaged over their positions.
/// - Parameters: `temperature` tau, 0.07; `queue`, the length of Q, 8192, but at most half of the run's
///   samples where their number is known.
/// - States: `queue` `[length, teacher's channels]`.
/// - Reference: the queue is that of He et al. 2020, 1911.05722; the loss that of SEED, Fang et al. 2021,
///   2101.04731, as lightly-train uses it for distillation.
package struct QueueDivergence: Objective {
    package static let knowledge = Knowledge.relation
    package static let method = "queue"
    package static let summary = "resemblance to a queue of the teacher's recent answers"
    package static let usualWeight = 10.0
    package static let weighsSamples = true

    package let taps: (student: String, teacher: String)
    package let temperature: Double
    package let length: Int

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "pooled")
        temperature = try parameters.positive("temperature", default: 0.07)
        length = try parameters.integer("queue", default: 8192, in: 2...1_048_576)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let student = try graph.pooledEmbedding(context.student(taps.student, in: graph))
        let teacher = try graph.pooledEmbedding(context.teacher(taps.teacher, in: &graph))
        try graph.checkBatchesAgree(student, teacher)
        let own = try graph.normalizeRows(graph.projectedIfNeeded(student, like: teacher))
        let target = try graph.normalizeRows(teacher)
        let queue = try enqueue(target, samples: context.sampleCount, in: &graph)
        let empty = try vacancies(queue, in: &graph)
        let perSample = try graph.divergence(
            teacher: logits(target, queue, empty, in: &graph),
            student: logits(own, queue, empty, in: &graph))
        return try graph.mean(perSample, weights: context.sampleWeights)
    }

    /// The queue with the batch at its front, which also replaces the state.
    private func enqueue(_ rows: Value, samples: Int, in graph: inout Graph) throws -> Value {
        let length = samples > 0 ? min(length, max(2, samples / 2)) : length
        let state = try graph.state(
            "queue", [length, graph.shape(of: rows)[1]], role: .memory, initializer: .constant(0))
        let joined = try graph.concatenate([rows, state], axis: 0)
        let queue = try graph.stopGradient(
            graph.slice(joined, axis: 0, start: 0, length: length))
        try graph.replace(state: graph.node(of: state).name, with: queue)
        return queue
    }

    /// `[1, length]`: so low a logit where the queue is empty that its probability is exactly zero.
    private func vacancies(_ queue: Value, in graph: inout Graph) throws -> Value {
        let squares = try graph.reduce(.sum, graph.square(queue), axes: [1], keepDimensions: true)
        let isEmpty = try graph.equal(squares, graph.constant(0))
        let low = try graph.affine(isEmpty, scale: -2 / temperature - 1e3, offset: 0)
        return try graph.transpose(low, [1, 0])
    }

    private func logits(
        _ rows: Value, _ queue: Value, _ empty: Value, in graph: inout Graph
    ) throws -> Value {
        let cosines = try graph.multiplyMatrices(rows, queue, transposeRight: true)
        return try graph.add(graph.affine(cosines, scale: 1 / temperature, offset: 0), empty)
    }
}
