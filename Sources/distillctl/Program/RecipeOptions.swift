import ArgumentParser
import Configuration
import ControlProtocol
import Foundation

/// A recipe spelled out on the command line.
struct RecipeOptions: ParsableArguments {
    @Option(help: "The job's name, and the model's.")
    var name: String?

    @Option(help: "The data set to learn from.")
    var dataset: String?

    @Option(help: "Which samples: train, test, validation or all.")
    var split: String?

    @Option(help: "Use only so many labelled samples of each class.")
    var labelsPerClass: Int?

    @Option(help: "The teacher: a model of the catalog. Without one: train on labels.")
    var teacher: String?

    @Option(help: "The student's architecture.")
    var student: String?

    @Option(help: "What the student looks at.")
    var modality: String?

    @Option(help: "How the modality becomes network input.")
    var encoding: String?

    @Option(help: "Height and width of the student's input in pixels.")
    var size: Int?

    @Option(help: "random, teacher or a model's name.")
    var initialise: String?

    @Option(
        name: .customLong("method"), parsing: .singleValue,
        help: ArgumentHelp(
            "An objective, such as response/kullback-leibler:1.0; may be repeated.",
            valueName: "method[:weight]"))
    var methods: [String] = []

    @Option(help: "How often each sample is seen.")
    var epochs: Int?

    @Option(help: "Samples in a batch; 0, the usual: 16 to 64, by the number of samples.")
    var batch: Int?

    @Option(help: "The peak of the learning rate.")
    var learningRate: Double?

    @Option(help: "Equal seeds give equal runs.")
    var seed: Int?

    @Option(help: "Compute threads; 0 for all cores.")
    var threads: Int?

    /// The recipe of a file, or the one that the options describe, and what messages call it.
    func source(file: String?) throws -> (RecipeSource, String) {
        if let file {
            guard !isAnyGiven else {
                throw ControlError.usage(
                    "a recipe file and recipe options exclude each other",
                    hint: "change \(UserFile.name(file)), or leave the file out")
            }
            return (.toml(try UserFile.text(file)), UserFile.name(file))
        }
        guard let dataset else {
            throw ControlError.usage(
                "neither a recipe nor --dataset is given",
                hint: "distillctl enqueue RECIPE.toml, or distillctl enqueue --dataset NAME "
                    + "--teacher MODEL")
        }
        return (.toml(try recipe(dataset).toml), "the command line")
    }

    private var isAnyGiven: Bool {
        let texts = [name, dataset, split, teacher, student, modality, encoding, initialise]
        let numbers = [labelsPerClass, size, epochs, batch, seed, threads]
        return texts.contains { $0 != nil } || numbers.contains { $0 != nil }
            || learningRate != nil || !methods.isEmpty
    }

    private func recipe(_ dataset: String) throws -> Recipe {
        var data = Recipe.Dataset(name: dataset)
        if let split { data.split = split }
        if let labelsPerClass { data.labelsPerClass = labelsPerClass }
        var net = Recipe.Student()
        if let student { net.architecture = student }
        if let modality { net.modality = modality }
        if let encoding { net.encoding = encoding }
        if let size { net.size = size }
        switch initialise {
        case nil, "random": break
        case "teacher": net.initialise = .teacher
        case let model?: net.initialise = .model(model)
        }
        var training = Recipe.Training()
        if let epochs { training.epochs = epochs }
        if let batch { training.batch = batch }
        if let learningRate { training.learningRate = learningRate }
        if let seed { training.seed = seed }
        if let threads { training.threads = threads }
        let objectives = try methods.map { try MethodName.objective($0) }
        return Recipe(
            name: name ?? "\(dataset)-\(net.modality)", kind: teacher == nil ? .train : .distill,
            dataset: data, teacher: teacher.map { Recipe.Teacher(model: $0) }, student: net,
            training: training, objectives: objectives.isEmpty ? nil : objectives)
    }
}
