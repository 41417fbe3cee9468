package import Configuration
import Interchange
package import Objectives

extension Recipe {
    /// The recipe's objectives as the library takes them.
    package var objectiveConfigurations: [ObjectiveConfiguration] {
        objectives.map { objective in
            var parameters: [String: ParameterValue] = [:]
            for (name, value) in objective.parameters {
                switch value {
                case .number(let number): parameters[name] = .number(number)
                case .string(let text): parameters[name] = .text(text)
                case .boolean(let flag): parameters[name] = .flag(flag)
                }
            }
            let takesSmoothing =
                objective.knowledge.rawValue == CrossEntropy.knowledge.rawValue
                && objective.method == CrossEntropy.method
            if takesSmoothing, training.labelSmoothing > 0, parameters["label_smoothing"] == nil {
                parameters["label_smoothing"] = .number(training.labelSmoothing)
            }
            return ObjectiveConfiguration(
                knowledge: objective.knowledge.rawValue, method: objective.method,
                weight: objective.weight ?? 1, schedule: schedule(of: objective),
                taps: ObjectiveTaps(student: objective.student, teacher: objective.teacher),
                parameters: parameters)
        }
    }

    /// The recipe with the usual weight of each method that it gives none.
    ///
    /// - Throws: `ObjectiveError.unknownMethod`.
    package func resolvingWeights() throws -> Recipe {
        var resolved = self
        for (index, configuration) in objectiveConfigurations.enumerated() {
            let method = type(of: try ObjectiveRegistry.make(configuration))
            resolved.objectives[index].weight = objectives[index].weight ?? method.usualWeight
        }
        return resolved
    }

    /// The default recipe without its response objectives, where the teacher gives no scores of classes that exclude
    /// each other; and what to say of it. A recipe that names its objectives stays as it is.
    func fitting(_ teacher: LoadedModel?) -> (recipe: Recipe, note: String?) {
        guard let document = teacher?.document, kind == .distill,
            objectives == Defaults.objectives(for: .distill),
            document.classes.isEmpty || document.reading?.task == .multiLabel
        else { return (self, nil) }
        var fitting = self
        fitting.objectives.removeAll { $0.knowledge == .response }
        let what =
            document.classes.isEmpty
            ? "answers with features and no scores of classes"
            : "scores classes of which any number may hold"
        return (
            fitting,
            "the teacher `\(document.name)` \(what): the default objectives are used without those that compare "
                + "responses"
        )
    }

    private func schedule(of objective: Objective) -> WeightSchedule {
        switch objective.schedule {
        case .constant: .constant
        case .ramp: .ramp(epochs: objective.rampEpochs)
        case .balanced: .balanced
        }
    }
}
