import Graphs

/// The methods that recipes can name.
package enum ObjectiveRegistry {
    package static let all: [any Objective.Type] = [
        CrossEntropy.self,
        KullbackLeibler.self,
        HardLabels.self,
        LogitStandardization.self,
        CorrelationOfPredictions.self,
        CentredCosine.self,
        AttentionTransfer.self,
        CosineGram.self,
        SimilarityPreserving.self,
        ProbabilisticTransfer.self,
        RelationalDistance.self,
    ]

    /// Makes the objective that a recipe describes.
    ///
    /// - Throws: `ObjectiveError.unknownMethod`, `.unknownParameter`, each with the nearest known name, or
    ///   `.parameter`.
    package static func make(_ configuration: ObjectiveConfiguration) throws -> any Objective {
        let name = configuration.name
        guard let type = all.first(where: { $0.name == name }) else {
            let known = all.map { $0.name }
            let near = NearestName.suggestions(for: name, among: known)
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
