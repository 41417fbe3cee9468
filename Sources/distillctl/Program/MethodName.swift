import Configuration
import ControlProtocol
import Objectives

/// An objective as the command line names it: `KNOWLEDGE/METHOD[:WEIGHT]`, or just the method.
enum MethodName {
    /// - Throws: `ControlError` `usage`.
    static func objective(_ text: String) throws -> Recipe.Objective {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var weight: Double?
        if parts.count == 2 {
            guard let number = Double(parts[1]), number >= 0, number.isFinite else {
                throw ControlError.usage("--method \(text): `\(parts[1])` is not a weight")
            }
            weight = number
        }
        let name = String(parts[0])
        let known = ObjectiveRegistry.all
        guard let method = known.first(where: { $0.name == name || $0.method == name }),
            let knowledge = Recipe.Objective.Knowledge(rawValue: method.knowledge.rawValue)
        else {
            throw ControlError.usage(
                "--method \(text): there is no such method",
                hint: "known: \(known.map { $0.name }.joined(separator: ", "))")
        }
        return Recipe.Objective(knowledge, method.method, weight: weight)
    }
}
