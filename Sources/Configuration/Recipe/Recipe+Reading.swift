extension Recipe {
    /// Reads a recipe.
    ///
    /// - Parameter file: What errors call the text, such as `recipe.toml`.
    /// - Throws: `ConfigurationError`.
    package init(toml: String, file: String) throws {
        let root = try ConfigurationTable(toml: toml, file: file)
        let kind: Kind = try root.choice("kind")
        let dataset = try Dataset(root.table("dataset"))
        let teacher = try Self.teacher(root.table("teacher"), kind: kind)
        let student = try Student(root.table("student"), hasTeacher: teacher != nil)
        let name = try root.string(
            "name", default: "\(dataset.name)-\(student.modality)")
        guard Self.isName(name) else {
            throw root.error(
                at: "name", expected: "1 to 100 letters, digits, `.`, `_` or `-`",
                hint: "the name becomes the name of a folder and of a model")
        }
        let objectives = try root.tables("objective").map { try Objective($0) }
        self.init(
            name: name, kind: kind, dataset: dataset, teacher: teacher, student: student,
            training: try Training(root.table("training")),
            objectives: objectives.isEmpty ? nil : objectives)
        try root.finish()
        try checkObjectives(root)
    }

    /// Whether `name` may name a job, a model or a data set: it becomes part of paths.
    package static func isName(_ name: String) -> Bool {
        guard (1...100).contains(name.utf8.count), name.first != ".", name.first != "-" else {
            return false
        }
        return name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || ("0"..."9").contains($0)
                || "._-".unicodeScalars.contains($0)
        }
    }

    private static func teacher(_ table: ConfigurationTable, kind: Kind) throws -> Teacher? {
        switch (kind, table.isPresent) {
        case (.train, false): return nil
        case (.train, true):
            throw ConfigurationError(
                .unknownKey, file: table.file, keyPath: "teacher",
                message: "\(table.file): [teacher] in a recipe of kind \"train\"",
                hint: "write kind = \"distill\" or remove [teacher]")
        case (.distill, _):
            var teacher = Teacher(
                model: try table.string("model", expected: "the name of a model in the catalog"))
            teacher.modality = try table.string("modality", default: teacher.modality)
            teacher.precision = try table.choice("precision", default: teacher.precision)
            try table.finish()
            return teacher
        }
    }

    private func checkObjectives(_ root: ConfigurationTable) throws {
        for (index, objective) in objectives.enumerated()
        where kind == .train && objective.knowledge != .label {
            throw root.error(
                at: "objective[\(index + 1)].knowledge",
                found: "\"\(objective.knowledge.rawValue)\"",
                expected: "\"label\" in a recipe of kind \"train\"",
                hint: "only kind = \"distill\" has a teacher to learn from")
        }
        guard objectives.contains(where: { $0.weight != 0 }) else {
            throw root.error(
                at: "objective", found: "a list whose weights are all 0",
                expected: "at least one objective with a weight above 0")
        }
    }
}

extension Recipe.Dataset {
    init(_ table: ConfigurationTable) throws {
        self.init(name: try table.string("name", expected: "the name of a data set"))
        split = try table.string("split", default: split)
        guard ["train", "test", "validation", "all"].contains(split) else {
            throw table.error(
                at: "split", expected: NearestKey.list(["train", "test", "validation", "all"]))
        }
        labelsPerClass = try table.integer(
            "labels_per_class", default: labelsPerClass, in: 0...Int.max)
        label = try table.optionalString("label")
        shufflePairs = try table.boolean("shuffle_pairs", default: shufflePairs)
        try table.finish()
    }
}

extension Recipe.Student {
    init(_ table: ConfigurationTable, hasTeacher: Bool) throws {
        architecture = try table.string("architecture", default: architecture)
        modality = try table.string("modality", default: modality)
        encoding = try table.string("encoding", default: encoding)
        size = try table.integer("size", default: size, in: 16...1024)
        switch try table.string("initialise", default: "random") {
        case "", "random": initialise = .random
        case "teacher":
            guard hasTeacher else {
                throw table.error(
                    at: "initialise",
                    expected: "\"random\" or a model's name, as there is no teacher")
            }
            initialise = .teacher
        case let name: initialise = .model(name)
        }
        try table.finish()
    }
}

extension Recipe.Training {
    init(_ table: ConfigurationTable) throws {
        epochs = try table.integer("epochs", default: epochs, in: 1...1_000_000)
        batch = try table.integer("batch", default: batch, in: 0...65_536)
        learningRate = try table.number("learning_rate", default: learningRate, .above(0))
        momentum = try table.number("momentum", default: momentum, .within(0..<1))
        weightDecay = try table.number("weight_decay", default: weightDecay, .atLeast(0))
        warmup = try table.number("warmup", default: warmup, .within(0..<1))
        seed = try table.integer("seed", default: seed, in: 0...Int.max)
        views = try table.integer("views", default: views, in: 1...64)
        ema = try table.number("ema", default: ema, .within(0..<1))
        gradientClip = try table.number("gradient_clip", default: gradientClip, .atLeast(0))
        labelSmoothing = try table.number(
            "label_smoothing", default: labelSmoothing, .within(0..<1))
        evaluateEvery = try table.integer(
            "evaluate_every", default: evaluateEvery, in: 0...1_000_000)
        checkpointEvery = try table.integer(
            "checkpoint_every", default: checkpointEvery, in: 1...86_400)
        threads = try table.integer("threads", default: threads, in: 0...4096)
        crop = try table.number("crop", default: crop, .within(0.1..<1.000_001))
        noise = try Self.noise(table)
        precision = try table.choice("precision", default: precision)
        try table.finish()
    }
}

extension Recipe.Training {
    /// `noise = true`, `noise = false`, or a table of the modality's settings.
    private static func noise(_ table: ConfigurationTable) throws -> Recipe.Noise {
        guard table.hasTable("noise") else {
            return try table.boolean("noise", default: true) ? .on([:]) : .off
        }
        let settings = try table.table("noise")
        let given = try settings.keys.map { ($0, try settings.number($0, .atLeast(0))) }
        return .on(Dictionary(uniqueKeysWithValues: given))
    }
}

extension Recipe.Objective {
    init(_ table: ConfigurationTable) throws {
        let parameters = try table.table("parameters")
        let schedule: WeightSchedule = try table.choice("schedule", default: .constant)
        guard schedule == .ramp || !table.has("ramp_epochs") else {
            throw table.error(
                at: "ramp_epochs",
                expected: "no such key beside schedule = \"\(schedule.rawValue)\"",
                hint: "write schedule = \"ramp\"")
        }
        self.init(
            try table.choice("knowledge"),
            try table.string("method", expected: "the name of a method"),
            weight: table.has("weight")
                ? try table.number("weight", default: 1, .atLeast(0)) : nil,
            schedule: schedule,
            rampEpochs: try table.integer("ramp_epochs", default: 20, in: 1...1_000_000),
            teacher: try table.string("teacher", default: ""),
            student: try table.string("student", default: ""),
            parameters: try parameters.remainingScalars())
        try table.finish()
    }
}
