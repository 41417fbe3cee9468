/// What a network's answers mean.
package enum ModelTask: String, Sendable, Codable, CaseIterable {
    /// Scores of classes that exclude each other.
    case classifier
    /// Scores of classes of which any number may hold.
    case multiLabel = "multi-label"
    /// A vector or a map that is compared with others.
    case embedding
    /// Boxes.
    case detector
    /// A map of the input's size.
    case segmenter

    /// Whether there are scores, one for each class.
    package var hasScores: Bool { self == .classifier || self == .multiLabel }

    /// All of them as a person writes them.
    package static var words: String {
        let names = allCases.map(\.rawValue)
        return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }
}

/// How an imported file is to be understood: what a person said, then what was decided.
package struct ModelReading: Sendable, Codable, Equatable {
    /// The output that answers; nil: chosen by name and form.
    package var output: String?
    /// nil: as the graph tells, if it does.
    package var task: ModelTask?
    /// The node whose value students follow as the last map; nil: found on the way back from the output.
    package var features: String?
    /// How many classes have names; nil: none were given.
    package var namedClasses: Int?

    package init(
        output: String? = nil, task: ModelTask? = nil, features: String? = nil,
        namedClasses: Int? = nil
    ) {
        self.output = output
        self.task = task
        self.features = features
        self.namedClasses = namedClasses
    }

    /// The same, without what a later reading finds settled.
    func settled(output: String, task: ModelTask) -> ModelReading {
        ModelReading(output: output, task: task, features: features)
    }
}
