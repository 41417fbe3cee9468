import Configuration
import ControlProtocol

/// An objective as the command line names it: `KNOWLEDGE/METHOD[:WEIGHT]`, or just the method where
/// its name is one of those below.
enum MethodName {
    private static let knowledge: [String: Recipe.Objective.Knowledge] = [
        "kullback-leibler": .response, "hard-labels": .response,
        "logit-standardization": .response, "dist": .response, "decoupled": .response,
        "mean-squared-error": .response,
        "centred-cosine": .feature, "attention-transfer": .feature, "hint": .feature,
        "supervision-transfer": .feature, "neuron-selectivity": .feature,
        "solution-flow": .feature, "variational-information": .feature,
        "activation-boundary": .feature, "factor-transfer": .feature, "overhaul": .feature,
        "review": .feature, "channel-distribution": .feature, "pearson": .feature,
        "frequency-split": .feature,
        "cosine-gram": .relation, "similarity-preserving": .relation,
        "probabilistic-transfer": .relation, "distance": .relation, "angle": .relation,
        "correlation-congruence": .relation, "contrastive": .relation, "queue": .relation,
        "neighbour-graph": .relation,
        "cross-entropy": .label,
    ]

    /// - Throws: `ControlError` `usage`.
    static func objective(_ text: String) throws -> Recipe.Objective {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var weight = 1.0
        if parts.count == 2 {
            guard let number = Double(parts[1]), number >= 0, number.isFinite else {
                throw ControlError.usage("--method \(text): `\(parts[1])` is not a weight")
            }
            weight = number
        }
        let names = parts[0].split(separator: "/", maxSplits: 1).map(String.init)
        if names.count == 2, let kind = Recipe.Objective.Knowledge(rawValue: names[0]) {
            return Recipe.Objective(kind, names[1], weight: weight)
        }
        if names.count == 1, let kind = knowledge[names[0]] {
            return Recipe.Objective(kind, names[0], weight: weight)
        }
        let known = knowledge.sorted { ($0.value.rawValue, $0.key) < ($1.value.rawValue, $1.key) }
            .map { "\($0.value.rawValue)/\($0.key)" }.joined(separator: ", ")
        throw ControlError.usage(
            "--method \(text): there is no such method", hint: "known: \(known)")
    }
}
