package import Batching

/// Measures models on one split of a data set, each against its own teacher.
///
/// Probes are fitted to at most ``mostKnown`` labelled samples of the training split, evenly spread over the
/// order of keys. A teacher of several models is asked once.
package final class ModelMeasurement {
    /// The most training samples that probes are fitted to.
    package static let mostKnown = 4096
    /// The most training pairs that are shown to the teacher for the maps to its answers.
    package static let mostPairs = 1024

    /// A model's teacher, or why there is none to ask.
    package enum Teacher {
        case model(LoadedModel)
        case none(String)
    }

    private struct Asked: Hashable {
        var folder: String
        var samples: [Int64]
        /// The modality that it is shown.
        var modality: String
    }

    private let source: AnswerSource
    private let samples: [Sample]
    private let split: String
    private let fitsProbes: Bool
    private var teachers: [Asked: ModelAnswers] = [:]

    /// - Parameters:
    ///   - samples: of all splits.
    ///   - fitsProbes: whether training samples are read at all.
    package init(
        _ source: AnswerSource, samples: [Sample], split: String, fitsProbes: Bool
    ) {
        self.source = source
        self.samples = samples
        self.split = split
        self.fitsProbes = fitsProbes
    }

    /// - Throws: `DistillationError` where no sample of the split can be read, `EvaluationError` for features
    ///   that are not finite.
    package func outcome(
        of model: LoadedModel, teacher: Teacher
    ) throws -> ModelEvaluator.Outcome {
        let document = model.document
        let selection = try SampleSelection(
            samples, .init(split: split, modalities: [document.modality]))
        let student = try source.answers(of: model, to: selection.samples)
        var beside = ModelEvaluator.Beside()
        if student.logits != nil {
            beside.mirrored = try readable {
                try source.answers(of: model, to: student.samples, mirrored: true)
            }
        }
        try addKnown(model, labelled: student.samples.contains { $0.label != nil }, to: &beside)
        var answers: ModelAnswers?
        var classes: [String] = []
        switch teacher {
        case .none(let reason): beside.noTeacher = reason
        case .model(let loaded):
            answers = try ask(loaded, about: selection.samples)
            if answers != nil {
                try addPairs(model, loaded, to: &beside)
                try addFed(model, loaded, selection.samples, to: &beside)
            }
            classes = loaded.document.classes
            beside.noTeacher =
                "no sample has a \(loaded.document.modality) file that can be read, which the "
                + "teacher `\(loaded.document.name)` looks at"
        }
        return try ModelEvaluator.outcome(
            student, classes: document.classes, teacher: answers, teacherClasses: classes,
            projector: Projector(folder: model.folder), beside: beside)
    }

    /// The teacher's answers to the samples that have its modality; nil where none can be read.
    private func ask(_ teacher: LoadedModel, about samples: [Sample]) throws -> ModelAnswers? {
        let pairs = samples.filter { $0.files[teacher.document.modality] != nil }
        guard !pairs.isEmpty else { return nil }
        let asked = Asked(
            folder: teacher.folder, samples: pairs.map(\.id), modality: teacher.document.modality)
        if let known = teachers[asked] { return known }
        let answers = try readable {
            try source.answers(of: teacher, to: pairs, isTeacher: true)
        }
        teachers[asked] = answers
        return answers
    }

    private func addKnown(
        _ model: LoadedModel, labelled: Bool, to beside: inout ModelEvaluator.Beside
    ) throws {
        guard fitsProbes else {
            beside.noKnown = "probes were not asked for"
            return
        }
        guard split != "train", split != "all" else {
            beside.noKnown =
                "split `\(split)` holds the training samples that probes are fitted to"
            return
        }
        guard labelled else {
            beside.noKnown = "no sample has a label"
            return
        }
        let known = samples.filter {
            $0.split == "train" && $0.label != nil && $0.files[model.document.modality] != nil
        }
        guard !known.isEmpty else {
            beside.noKnown = "no training sample has a label"
            return
        }
        beside.noKnown = "no labelled training sample can be read"
        beside.known = try readable {
            try source.answers(of: model, to: known.spread(ModelMeasurement.mostKnown))
        }
    }

    /// Model's and teacher's answers to training pairs.
    private func addPairs(
        _ model: LoadedModel, _ teacher: LoadedModel, to beside: inout ModelEvaluator.Beside
    ) throws {
        guard fitsProbes else {
            beside.noPairs = "probes were not asked for"
            return
        }
        guard split != "train", split != "all" else {
            beside.noPairs = "split `\(split)` holds the training pairs that maps are fitted to"
            return
        }
        let pairs = samples.filter {
            $0.split == "train" && $0.files[model.document.modality] != nil
                && $0.files[teacher.document.modality] != nil
        }.spread(ModelMeasurement.mostPairs)
        beside.noPairs = "no training pair can be read"
        guard !pairs.isEmpty, let theirs = try ask(teacher, about: pairs) else { return }
        beside.pairs = try readable { try source.answers(of: model, to: pairs) }
            .map { ($0, theirs) }
    }

    /// The teacher's answers to what the model sees.
    private func addFed(
        _ model: LoadedModel, _ teacher: LoadedModel, _ samples: [Sample],
        to beside: inout ModelEvaluator.Beside
    ) throws {
        let modality = model.document.modality
        guard fitsProbes else {
            beside.noFed = "controls were not asked for"
            return
        }
        guard modality != teacher.document.modality else {
            beside.noFed = "model and teacher look at the same modality"
            return
        }
        guard teacher.document.modality == "rgb" else {
            beside.noFed =
                "the teacher looks at \(teacher.document.modality), and pictures stand in for colours only"
            return
        }
        guard !teacher.document.classes.isEmpty else {
            beside.noFed = "the teacher has no classes"
            return
        }
        beside.noFed = "no \(modality) file could be read for the teacher"
        let asked = Asked(folder: teacher.folder, samples: samples.map(\.id), modality: modality)
        let answers =
            try teachers[asked]
            ?? readable { try source.answers(of: teacher, to: samples, seeing: model.plugin) }
        teachers[asked] = answers
        beside.fed = answers
    }

    /// Answers, or nil where not one of the samples can be read.
    private func readable(_ answers: () throws -> ModelAnswers) throws -> ModelAnswers? {
        do {
            return try answers()
        } catch let error as DistillationError where error.code == "dataset.all_unreadable" {
            return nil
        }
    }
}
