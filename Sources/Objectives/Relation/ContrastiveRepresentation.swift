package import Graphs
import Tensors

/// CRD: each network's embedding of a sample finds the other network's among many, by noise-contrastive
/// estimation against two memories.
///
/// `-(1/B) sum_i [ln P_i/(P_i + c + e) + sum_j ln c/(P_ij + c + e)]`, once for the student's embedding v against
/// the teacher's memory M and once the other way round; `P_ij = exp(v_i M_j / tau) / Z`, `c = n / N`, e = 1e-7. N is the
/// number of samples of the run, Z of each direction N times the mean of the first step's exponentials.
///
/// v is a trained linear layer to `dimensions` and a normalisation on either side. After the step each sample's
/// rows become `M_i = normalise(m M_i + (1 - m) v_i)`. Where labels are missing the n negatives are drawn
/// uniformly; one set is drawn for each step and shared by the batch, which makes the comparisons a product of
/// matrices. A draw that hits the sample itself does not count. The memories begin as random directions: zeros
/// would never move the loss.
/// - Shapes: `[batch, channels]`, or maps, which are averaged over their positions; widths may differ.
/// - Parameters: `dimensions` 128, `negatives` n, 16384 and at most N, `temperature` tau, 0.07, `momentum` m,
///   0.5. The paper's weight is 0.8.
/// - States: `student.weight`, `.bias`, `teacher.weight`, `.bias`, trained; `memory.student` and
///   `memory.teacher` `[N, dimensions]`; `normalizer.student` and `.teacher`, ln Z.
/// - Throws: `ObjectiveError.missing` without the samples' indices, the draws or their number.
/// - Reference: Tian, Krishnan, Isola 2020, 1910.10699; negatives without labels as in Wu et al. 2018,
///   1805.01978.
package struct ContrastiveRepresentation: Objective {
    package static let knowledge = Knowledge.relation
    package static let method = "contrastive"
    package static let summary = "contrast with memories of student and teacher (CRD)"
    package static let usualWeight = 8.0
    package static let weighsSamples = true

    package let taps: (student: String, teacher: String)
    package let dimensions: Int
    package let negatives: Int
    package let temperature: Double
    package let momentum: Double

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "pooled")
        dimensions = try parameters.integer("dimensions", default: 128, in: 1...8192)
        negatives = try parameters.integer("negatives", default: 16384, in: 1...1_048_576)
        temperature = try parameters.positive("temperature", default: 0.07)
        momentum = try parameters.number("momentum", default: 0.5, in: 0...1)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(
            student: [taps.student], teacher: [taps.teacher], sampleIndices: true,
            negatives: negatives)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let student = try graph.pooledEmbedding(context.student(taps.student, in: graph))
        let teacher = try graph.pooledEmbedding(context.teacher(taps.teacher, in: &graph))
        try graph.checkBatchesAgree(student, teacher)
        let draw = try Draw(context, wanted: negatives, in: &graph)
        let embedded = (
            student: try embed(student, "student", in: &graph),
            teacher: try embed(teacher, "teacher", in: &graph)
        )
        let memories = (
            student: try memory("student", samples: draw.samples, in: &graph),
            teacher: try memory("teacher", samples: draw.samples, in: &graph)
        )
        let perSample = try graph.add(
            contrast(embedded.student, memories.teacher, "student", draw, in: &graph),
            contrast(embedded.teacher, memories.student, "teacher", draw, in: &graph))
        try remember(embedded.student, in: memories.student, draw, in: &graph)
        try remember(embedded.teacher, in: memories.teacher, draw, in: &graph)
        return try graph.mean(perSample, weights: context.sampleWeights)
    }

    /// Which rows of the memories a step reads.
    private struct Draw {
        let indices: Value
        let negatives: Value
        /// `[batch, n]`: 0 where a draw is the sample itself.
        let counts: Value
        let samples: Int
        let drawn: Int

        init(_ context: ObjectiveContext, wanted: Int, in graph: inout Graph) throws {
            guard let indices = context.sampleIndices, let negatives = context.negatives,
                context.sampleCount > 0
            else {
                throw ObjectiveError(
                    .missing,
                    "keeps a memory of every sample and needs the samples' number, the indices of "
                        + "the batch (input `\(ObjectiveContext.sampleIndexInput)`) and drawn "
                        + "negatives (input `\(ObjectiveContext.negativesInput)`)")
            }
            self.indices = indices
            samples = context.sampleCount
            drawn = min(wanted, graph.shape(of: negatives)[0])
            self.negatives = try graph.slice(negatives, axis: 0, start: 0, length: drawn)
            let own = try graph.equal(
                graph.reshape(indices, [.copy(0), .size(1)]),
                graph.reshape(self.negatives, [.size(1), .size(drawn)]))
            counts = try graph.affine(own, scale: -1, offset: 1)
        }
    }

    private func embed(_ x: Value, _ side: String, in graph: inout Graph) throws -> Value {
        try graph.normalizeRows(graph.linear(x, side, outputs: dimensions))
    }

    /// Normal with the variance that gives rows a mean squared length of 1.
    private func memory(_ side: String, samples: Int, in graph: inout Graph) throws -> Value {
        try graph.state(
            "memory.\(side)", [samples, dimensions], role: .memory,
            initializer: .normal(
                standardDeviation: Float(1 / Double(dimensions).squareRoot())))
    }

    /// The loss of each sample: with `u = ln P - ln(c + e)`,
    /// `softplus(-u_i) + sum_j [softplus(u_ij) - ln(c / (c + e))]`.
    private func contrast(
        _ rows: Value, _ memory: Value, _ side: String, _ draw: Draw, in graph: inout Graph
    ) throws -> Value {
        let own = try graph.reduce(
            .sum, graph.multiply(rows, graph.gather(memory, indices: draw.indices, axis: 0)),
            axes: [1], keepDimensions: true)
        let others = try graph.multiplyMatrices(
            rows, graph.gather(memory, indices: draw.negatives, axis: 0), transposeRight: true)
        let exponents = try graph.affine(
            graph.concatenate([own, others], axis: 1), scale: 1 / temperature, offset: 0)
        let normalizer = try normalizer(exponents, side, samples: draw.samples, in: &graph)
        let noise = Double(draw.drawn) / Double(draw.samples)
        let shifted = try graph.affine(
            graph.subtract(exponents, normalizer), scale: 1,
            offset: -Unary.Function.logarithm(noise + 1e-7))
        let right = try graph.unary(
            .softplus, graph.negate(graph.slice(shifted, axis: 1, start: 0, length: 1)))
        let wrong = try graph.affine(
            graph.unary(.softplus, graph.slice(shifted, axis: 1, start: 1)), scale: 1,
            offset: Unary.Function.logarithm((noise + 1e-7) / noise))
        let sum = try graph.reduce(
            .sum, graph.multiply(draw.counts, wrong), axes: [1], keepDimensions: false)
        return try graph.add(graph.reduce(.sum, right, axes: [1], keepDimensions: false), sum)
    }

    /// ln Z, set by the first step: `ln N + ln mean exp`.
    private func normalizer(
        _ exponents: Value, _ side: String, samples: Int, in graph: inout Graph
    ) throws -> Value {
        let unset = -1e30
        let state = try graph.state(
            "normalizer.\(side)", .scalar, role: .memory, initializer: .constant(Float(unset)))
        let exponents = try graph.stopGradient(exponents)
        let largest = try graph.reduce(.maximum, exponents, axes: [0, 1], keepDimensions: false)
        let mean = try graph.reduce(
            .mean, graph.exponential(graph.subtract(exponents, largest)), axes: [0, 1],
            keepDimensions: false)
        let estimate = try graph.add(
            largest,
            graph.affine(
                graph.logarithm(mean), scale: 1,
                offset: Unary.Function.logarithm(Double(samples))))
        let isSet = try graph.greater(state, graph.constant(unset / 2))
        let normalizer = try graph.stopGradient(graph.select(isSet, state, estimate))
        try graph.replace(state: graph.node(of: state).name, with: normalizer)
        return normalizer
    }

    private func remember(
        _ rows: Value, in memory: Value, _ draw: Draw, in graph: inout Graph
    ) throws {
        let old = try graph.gather(memory, indices: draw.indices, axis: 0)
        let mixed = try graph.add(
            graph.affine(old, scale: momentum, offset: 0),
            graph.affine(graph.stopGradient(rows), scale: 1 - momentum, offset: 0))
        let new = try graph.replaceRows(
            of: memory, at: draw.indices, with: graph.normalizeRows(mixed))
        try graph.replace(state: graph.node(of: memory).name, with: new)
    }
}
