package import Configuration
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

    private func schedule(of objective: Objective) -> WeightSchedule {
        switch objective.schedule {
        case .constant: .constant
        case .ramp: .ramp(epochs: objective.rampEpochs)
        case .balanced: .balanced
        }
    }
}
