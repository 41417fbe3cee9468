import Batching
import Configuration
import Execution
import Foundation
import Graphs
import Interchange
import Modalities
import Networks
import Objectives
import Tensors

/// A recipe resolved against the data set, the plugins and the models: what a run and its plan share.
final class RunSetup {
    let request: RunRequest
    let objectives: ObjectiveSet
    let requirements: ObjectiveRequirements
    let selection: SampleSelection
    let plugin: ModalityPlugin
    /// What is added to the student's input; nil: nothing.
    let noise: ModalityNoise?
    let descriptor: NetworkDescriptor
    let teacher: LoadedModel?
    let teacherNetwork: TeacherNetwork?
    /// The teacher's classifier where it becomes the student's.
    let reused: (description: ReusedClassifier, graph: Graph)?
    /// How a teacher in int8 compares, nil in other precisions.
    let quantizedTeacher: QuantizedTeacher?
    let views: ViewCache
    let teacherViews: ViewCache?
    let targets: TargetCache?
    let budget: CacheBudget
    let journal: DecodeJournal

    /// The recipe with everything written out.
    let recipe: Recipe
    /// What was made of it without being asked.
    let notes: [String]
    var isDistillation: Bool { recipe.kind == .distill }
    /// What this processor computes the recipe in.
    var precision: Precision { RunSetup.precision(of: recipe) }

    static func precision(of recipe: Recipe) -> Precision {
        recipe.training.precision != .float32 && Processor.hasBFloat16 ? .bfloat16 : .float32
    }

    /// - Parameter observer: told how far a teacher's calibration is, which may take a minute.
    /// - Throws: `RunStopped` where the observer asks for an end meanwhile.
    init(_ request: RunRequest, observer: (any RunObserver)? = nil) throws {
        self.request = request
        plugin = try request.host.plugin(modality: request.recipe.student.modality)
        let distills = request.recipe.kind == .distill
        if distills, request.teacher == nil {
            throw DistillationError(
                "recipe.no_teacher", "kind = \"distill\" needs a teacher",
                hint: "name a model in [teacher] model; `distillctl models list` shows them")
        }
        teacher = try request.teacher.map { try LoadedModel(folder: $0, host: request.host) }
        let (fitting, note) = request.recipe.fitting(teacher)
        notes = [note].compactMap { $0 }
        var (recipe, noise) = try fitting.resolvingWeights().resolvingNoise(of: plugin)
        self.noise = noise
        objectives = try ObjectiveSet(
            recipe.objectiveConfigurations, gate: distills ? ConfidenceGate() : nil,
            registered: request.manifest.registered)
        requirements = objectives.requirements(
            registered: request.manifest.registered,
            teacherHasLogits: !(teacher?.document.classes.isEmpty ?? true))
        if !requirements.teacher.isEmpty, teacher == nil {
            throw DistillationError(
                "recipe.no_teacher",
                "objectives read the teacher's \(requirements.teacher.sorted().joined(separator: ", "))"
                    + ", but kind = \"train\" has no teacher",
                hint: "use kind = \"distill\" with a [teacher], or only label objectives")
        }
        let encoding = try plugin.encoding(named: recipe.student.encoding)
        selection = try SampleSelection(
            request.samples,
            .init(
                split: recipe.dataset.split,
                modalities: [recipe.student.modality]
                    + (teacher.map { [$0.document.modality] } ?? []),
                labelled: !distills || recipe.dataset.labelsPerClass > 0,
                labelsPerClass: recipe.dataset.labelsPerClass,
                shufflesPairs: recipe.dataset.shufflePairs, seed: UInt64(recipe.training.seed)))
        recipe.training.batch = recipe.training.batch(for: selection.samples.count)
        self.recipe = recipe
        let classes = teacher?.document.classes ?? selection.classes
        if requirements.labels, classes.count < 2 {
            throw DistillationError(
                "dataset.no_classes",
                "the labels name \(classes.count) classes, a classifier needs at least 2",
                hint: "check [labels] in dataset.toml")
        }
        descriptor = try NetworkDescriptor(
            architecture: recipe.student.architecture, modality: recipe.student.modality,
            encoding: .init(encoding, of: plugin, camera: request.manifest.manifest.intrinsics),
            input: .init(channels: encoding.channels, size: recipe.student.size),
            classes: requirements.labels || requirements.student.contains("logits") ? classes : [])
        try RunSetup.create([request.cacheFolder, request.runFolder + "/checkpoints"])
        try RunSetup.checkSize(recipe, channels: encoding.channels)
        budget = CacheBudget(folder: request.cacheFolder, quota: request.cacheQuota)
        CacheEviction.makeRoom(below: request.cacheFolder, budget: budget)
        journal = try DecodeJournal(path: request.runFolder + "/decoding")
        let schedule = ViewSchedule(
            count: recipe.training.views, minimumScale: recipe.training.crop)
        let (budget, journal) = (budget, journal)
        func cache(
            _ plugin: ModalityPlugin, _ size: Int, _ framing: PictureFraming = .usual
        ) throws -> ViewCache {
            try ViewCache(
                modality: plugin, options: request.manifest.options(for: plugin.modality),
                size: size, views: schedule, framing: framing, cache: request.cacheFolder,
                dataset: request.dataset,
                budget: budget, journal: journal)
        }
        views = try cache(plugin, recipe.student.size)
        if let teacher {
            // Teacher and student see the same box, so that the teacher's own crop of whole pictures is left out.
            let teacherViews = try cache(
                teacher.plugin, teacher.document.inputSize,
                PictureFraming(filter: teacher.document.framing.filter))
            let setup = TeacherSetup(
                request: request, model: teacher, taps: requirements.teacher,
                grids: try RunSetup.grids(requirements, of: descriptor), views: teacherViews,
                samples: selection.samples, observer: observer)
            let (network, quantized) = try setup.network()
            teacherNetwork = network
            quantizedTeacher = quantized
            self.teacherViews = teacherViews
            targets = try TargetCache(
                fields: network.fields, modality: teacher.document.modality,
                key: network.identity.merging([
                    "views": schedule.identity,
                    "options": request.manifest.identity(of: teacher.document.modality),
                ]) { $1 },
                cache: request.cacheFolder, dataset: request.dataset, budget: budget)
        } else {
            teacherNetwork = nil
            quantizedTeacher = nil
            teacherViews = nil
            targets = nil
        }
        reused = try RunSetup.reusedClassifier(
            objectives, registered: request.manifest.registered, descriptor: descriptor,
            teacher: teacher, network: teacherNetwork)
        // A classifier that does not take the projected map, or cannot be written, is refused before the training.
        if let reused, let teacher {
            _ = try inferenceGraph()
            _ = try ONNXExporter().encode(
                reused.graph, states: try teacher.states(of: reused.graph))
        }
    }

    /// For each tap of the teacher the largest of the student's maps that it is compared with.
    private static func grids(
        _ requirements: ObjectiveRequirements, of descriptor: NetworkDescriptor
    ) throws -> [String: (height: Int, width: Int)] {
        let pairs = requirements.pairs.filter { !requirements.ownSize.contains($0.teacher) }
        let student = try descriptor.shapes(of: Set(pairs.map(\.student)))
        var grids: [String: (height: Int, width: Int)] = [:]
        for pair in pairs {
            guard let shape = student[pair.student], shape.rank == 3 else { continue }
            let known = grids[pair.teacher] ?? (0, 0)
            grids[pair.teacher] = (max(known.height, shape[1]), max(known.width, shape[2]))
        }
        return grids
    }

    /// Refuses a batch that no machine holds, before anything is allocated.
    private static func checkSize(_ recipe: Recipe, channels: Int) throws {
        let side = recipe.student.size
        let bytes = 4 * recipe.training.batch * channels * side * side
        guard bytes > 1 << 32 else { return }
        throw DistillationError(
            "recipe.too_large",
            "training.batch = \(recipe.training.batch) at student.size = \(side) makes an input of "
                + "\(bytes >> 30) GiB",
            hint: "lower training.batch or student.size")
    }

    private static func create(_ folders: [String]) throws {
        for folder in folders {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw FileFailure.classify(error, path: folder, doing: "creating")
            }
        }
    }

    /// The training graph for this recipe.
    func trainingGraph() throws -> TrainingGraph {
        var shapes: [String: Shape] = [:]
        if let teacherNetwork {
            for (field, shape) in zip(teacherNetwork.fields, teacherNetwork.shapes) {
                shapes[field.name] = shape
            }
        }
        let training = recipe.training
        return try TrainingGraph(
            .init(
                descriptor: descriptor, plugin: plugin, batch: training.batch,
                objectives: objectives, registered: request.manifest.registered,
                samples: selection.samples.count, teacher: shapes,
                optimizer: NesterovSGD(
                    momentum: training.momentum, weightDecay: training.weightDecay,
                    gradientClip: training.gradientClip),
                average: training.ema > 0
                    ? ExponentialMovingAverage(decay: training.ema, warmsUp: true) : nil))
    }

    /// Digest of all that a checkpoint depends on.
    var identity: String {
        let list = selection.samples.map { "\($0.id) \($0.key)" }.joined(separator: "\n")
        return FileDigest.sha256(
            text: [
                recipe.toml, list, teacher?.document.digest ?? "", plugin.decoderVersion,
                plugin.viewVersion, "\(descriptor)", request.manifest.manifest.toml,
                precision.identity, teacherNetwork?.precision.identity ?? "",
                teacherNetwork?.identity["quantization"] ?? "",
            ].joined(separator: "\u{0}"))
    }
}
