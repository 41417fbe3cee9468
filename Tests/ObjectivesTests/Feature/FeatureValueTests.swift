import Graphs
import Objectives
import Tensors
import Testing

/// The pinned values come from `Tests/Fixtures/features_reference.py`; those of the methods' own inputs were
/// run against their reference implementations.
@Suite struct FeatureValueTests {
    private static let identity: [String: ParameterValue] = ["projector": .text("identity")]

    @Test(
        arguments: [
            ("hint", identity, 1.03401865),
            ("hint", [:], 0.59634018),
            ("supervision-transfer", [:], 1.03401865),
            ("neuron-selectivity", [:], 0.74093741),
            ("variational-information", [:], 0.24563363),
            ("activation-boundary", identity, 73.20119076),
            ("activation-boundary", [:], 86.76158751),
            ("factor-transfer", ["reconstruction": .number(0)], 0.17599937),
            ("factor-transfer", [:], 0.18911654),
            ("overhaul", identity.merging(["margin": .text("batch")]) { $1 }, 42.37651952),
            ("channel-distribution", [:], 0.42021831),
            ("channel-distribution", ["temperature": .number(4)], 0.48981866),
            ("pearson", [:], 1.00124229),
        ] as [(String, [String: ParameterValue], Double)])
    func published(
        method: String, parameters: [String: ParameterValue], expected: Double
    ) throws {
        var probe = LossProbe.named("feature/\(method)")
        probe.configuration.parameters = parameters
        let loss = try probe.loss()
        #expect(abs(loss - expected) < 1e-6, "\(method): \(loss)")
    }

    @Test func fewPositionsAreComparedInsteadOfManyChannels() throws {
        let probe = LossProbe(
            "feature/neuron-selectivity",
            student: [
                "features": Golden.wave([2, 5, 2, 2], amplitude: 1, frequency: 0.7, phase: 0.3)
            ],
            teacher: [
                "features": Golden.wave([2, 7, 2, 2], amplitude: 1, frequency: 0.8, phase: 0.1)
            ])
        #expect(abs(try probe.loss() - 0.36435087) < 1e-6)
        #expect(try probe.worstGradientError() < 1e-7)
    }

    @Test func theVarianceIsTrained() throws {
        var probe = LossProbe.named("feature/variational-information")
        probe.configuration.parameters = Self.identity
        let states = try probe.build().graph.states.map(\.declaration)
        #expect(states.map(\.name) == ["variance"])
        #expect(states.map(\.role) == [.parameter])
        probe.parameters["variance"] = Tensor(shape: [3], repeating: 4.993229182714)
        #expect(abs(try probe.loss() - 0.90812082) < 1e-6)
        guard case .constant(let start) = states[0].initializer else {
            Issue.record("the variance begins at \(states[0].initializer)")
            return
        }
        #expect(abs(Double(start) - 4.993229182714) < 1e-6)
    }

    /// The paraphraser learns to reconstruct and nothing else.
    @Test func theTeachersParaphraseDoesNotMeetTheStudent() throws {
        func results(_ reconstruction: Double) throws -> [String: Tensor<Double>] {
            var probe = LossProbe.named("feature/factor-transfer")
            probe.configuration.parameters = ["reconstruction": .number(reconstruction)]
            return try probe.build().run()
        }
        let weight = "gradient.paraphraser.weight"
        #expect(try results(0)[weight] == nil)
        #expect(try results(0)["gradient.translator.weight"] != nil)
        let once = try #require(try results(1)[weight])
        let thrice = try #require(try results(3)[weight])
        #expect(once.values.contains { abs($0) > 1e-3 })
        for (a, b) in zip(once.values, thrice.values) { #expect(abs(3 * a - b) < 1e-12) }
        // What reconstruction adds to the loss has just this gradient.
        let step = 1e-5
        for index in [0, 17, 53] {
            func missed(_ offset: Double) throws -> Double {
                var losses: [Double] = []
                for reconstruction in [2.0, 1] {
                    var probe = LossProbe.named("feature/factor-transfer")
                    probe.configuration.parameters = ["reconstruction": .number(reconstruction)]
                    var built = try probe.build()
                    built.states["paraphraser.weight"]?.values[index] += offset
                    losses.append(try built.run()["loss"]?.values[0] ?? .nan)
                }
                return losses[0] - losses[1]
            }
            let slope = try (missed(step) - missed(-step)) / (2 * step)
            #expect(abs(slope - once.values[index]) < 1e-7)
        }
    }

    @Test func theMarginIsThatOfTheNegativeResponses() throws {
        var probe = LossProbe.named("feature/overhaul")
        probe.configuration.parameters = Self.identity
        // Six deviations above zero: the margin is three below it.
        probe.statistics["features"] = ([1, 1, 1], [1.0 / 6, 1.0 / 6, 1.0 / 6])
        #expect(abs(try probe.loss() - 39.75524291) < 1e-6)
        probe.statistics["features"] = ([0.1, -0.2, 0.3], [0.5, 0.8, 1.1])
        #expect(abs(try probe.loss() - 41.55283729) < 1e-6)
        probe.statistics["features"] = ([0, 0, 0], [0, 0, 0])
        #expect(try probe.loss().isFinite)
        let objective = try ObjectiveRegistry.make(probe.configuration)
        #expect(objective.requirements(registered: true).statistics == ["features"])
        probe.configuration.parameters["margin"] = .text("batch")
        probe.teacher["features"] = Golden.teacherMap.map { max($0, 0) }
        #expect(abs(try probe.loss() - 29.98452841) < 1e-6)
        probe.student = probe.teacher
        #expect(try probe.loss() == 0)
    }

    @Test func largerMapsAreAveragedWhetherSizesDivideOrNot() throws {
        let probe = LossProbe(
            "feature/supervision-transfer",
            student: [
                "features": Golden.wave([2, 3, 5, 5], amplitude: 1, frequency: 0.37, phase: 0.2)
            ],
            teacher: [
                "features": Golden.wave([2, 3, 3, 4], amplitude: 1, frequency: 0.53, phase: 0.9)
            ])
        #expect(abs(try probe.loss() - 0.65323344) < 1e-6)
        #expect(try probe.worstGradientError() < 1e-7)
        let wide = LossProbe(
            "feature/channel-distribution", student: ["features": Golden.studentMap],
            teacher: [
                "features": Golden.wave([2, 4, 2, 2], amplitude: 1, frequency: 0.7, phase: 0.4)
            ])
        #expect(abs(try wide.loss() - 0.19830011) < 1e-6)
        #expect(try wide.worstGradientError() < 1e-7)
    }

    @Test(
        arguments: [
            ([:], 2.01728751), (identity, 1.55827308),
            (identity.merging(["cutoff": .number(1)]) { $1 }, 1.76952027),
        ] as [([String: ParameterValue], Double)])
    func frequenciesAreSplit(parameters: [String: ParameterValue], expected: Double) throws {
        var probe = LossProbe.named("feature/frequency-split")
        probe.configuration.parameters = parameters
        #expect(abs(try probe.loss() - expected) < 1e-6)
    }

    @Test func oddSidesHaveFrequenciesToo() throws {
        var probe = LossProbe.named("feature/frequency-split")
        probe.student["features"] = Golden.wave(
            [2, 3, 7, 7], amplitude: 1, frequency: 0.37, phase: 0.2)
        probe.teacher["features"] = Golden.wave(
            [2, 3, 7, 7], amplitude: 1, frequency: 0.53, phase: 0.9)
        probe.configuration.parameters = [
            "projector": .text("identity"), "cutoff": .number(0.7), "high": .number(0.5),
        ]
        #expect(abs(try probe.loss() - 0.47651557) < 1e-6)
    }

    /// The loss is a weighted mean of the samples' own losses.
    @Test(
        arguments: [
            "attention-transfer", "neuron-selectivity", "channel-distribution", "overhaul",
            "supervision-transfer", "solution-flow", "factor-transfer",
        ])
    func sampleWeightsCount(method: String) throws {
        var probe = LossProbe.named("feature/\(method)")
        let loss = try probe.loss()
        probe.sampleWeights = Tensor(shape: [2], repeating: 0.3)
        #expect(abs(try probe.loss() - loss) < 1e-12)
        var parts: [Double] = []
        for weights in [[1.0, 0], [0, 1]] {
            probe.sampleWeights = Tensor(shape: [2], values: weights)
            parts.append(try probe.loss())
        }
        #expect(abs((parts[0] + parts[1]) / 2 - loss) < 1e-12)
        #expect(parts[0] != parts[1])
    }
}
