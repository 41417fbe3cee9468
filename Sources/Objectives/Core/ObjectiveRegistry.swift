import Graphs

/// The methods that recipes can name.
package enum ObjectiveRegistry {
    package static let all: [any Objective.Type] = [
        CrossEntropy.self,
        KullbackLeibler.self,
        HardLabels.self,
        LogitStandardization.self,
        CorrelationOfPredictions.self,
        DecoupledKullbackLeibler.self,
        MeanSquaredLogits.self,
        ClassifierReuse.self,
        CentredCosine.self,
        AttentionTransfer.self,
        HintRegression.self,
        SupervisionTransfer.self,
        NeuronSelectivity.self,
        SolutionFlow.self,
        VariationalInformation.self,
        ActivationBoundary.self,
        FactorTransfer.self,
        ComprehensiveOverhaul.self,
        KnowledgeReview.self,
        ChannelDistribution.self,
        PearsonCorrelation.self,
        FrequencySplit.self,
        CosineGram.self,
        SimilarityPreserving.self,
        ProbabilisticTransfer.self,
        RelationalDistance.self,
        RelationalAngle.self,
        CorrelationCongruence.self,
        ContrastiveRepresentation.self,
        QueueDivergence.self,
        NeighbourGraph.self,
    ]

    /// Makes the objective that a recipe describes for modalities whose pixels do not correspond: what would
    /// compare maps compares their means over all positions, where it names no taps itself.
    ///
    /// - Throws: as `make`, and `ObjectiveError.unregistered` for a method that is about positions.
    static func makeUnregistered(
        _ configuration: ObjectiveConfiguration
    ) throws -> (objective: any Objective, isPooled: Bool) {
        let objective = try make(configuration)
        let type = type(of: objective)
        let isOpen = configuration.taps == ObjectiveTaps()
        guard isOpen, !type.comparesPositions else {
            guard type.comparesPositions, isOpen else { return (objective, false) }
            let others = all.filter { $0.knowledge == type.knowledge && !$0.comparesPositions }
            throw ObjectiveError(
                .unregistered, context: configuration.name,
                "compares positions, but a pixel of one modality is not the same point in the other "
                    + "(registered = false in dataset.toml); choose one of "
                    + others.map { $0.name }.joined(separator: ", "))
        }
        let maps = objective.requirements(registered: false).pairs.filter {
            $0.teacher == "features"
        }
        guard !maps.isEmpty else {
            let pooled = objective.requirements(registered: false).pairs.contains {
                $0.teacher == "pooled" && $0.student == "features"
            }
            return (objective, pooled)
        }
        var pooled = configuration
        pooled.taps = ObjectiveTaps(student: "pooled", teacher: "pooled")
        return (try make(pooled), true)
    }

    /// Makes the objective that a recipe describes.
    ///
    /// - Throws: `ObjectiveError.unknownMethod`, `.unknownParameter`, each with the nearest known name, or
    ///   `.parameter`.
    package static func make(_ configuration: ObjectiveConfiguration) throws -> any Objective {
        let name = configuration.name
        guard let type = all.first(where: { $0.name == name }) else {
            let known = all.map { $0.name }
            let short = "(\(configuration.method.lowercased()))"
            let byAbbreviation = all.filter { $0.summary.lowercased().contains(short) }
            let near =
                byAbbreviation.isEmpty
                ? NearestName.suggestions(for: name, among: known) : byAbbreviation.map { $0.name }
            let hint = near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"
            throw ObjectiveError(
                .unknownMethod, context: name,
                "there is no such objective\(hint) Known: \(known.joined(separator: ", "))")
        }
        return try naming(name) {
            var parameters = ObjectiveParameters(configuration.parameters)
            let objective = try type.init(taps: configuration.taps, parameters: &parameters)
            try parameters.refuseUnread()
            return objective
        }
    }
}

/// Runs `body` and puts a name on an objective's error that has none.
func naming<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch var error as ObjectiveError {
        if error.context.isEmpty { error.context = name }
        throw error
    }
}
