import Batching
import Configuration
import Execution
import Graphs
import Modalities
import Networks
import Objectives
import Tensors

/// What a recipe would do: layers, shapes, operations, memory and disk, known before anything runs.
package struct JobPlan: Codable, Sendable {
    package struct Layer: Codable, Sendable {
        package var name: String
        package var operation: String
        package var shape: [Int]
        package var parameters: Int
        package var multiplyAdds: Int

        private enum CodingKeys: String, CodingKey {
            case name, operation, shape, parameters
            case multiplyAdds = "multiply_adds"
        }
    }

    package struct Loss: Codable, Sendable {
        package var objective: String
        package var weight: Double
        /// What it reads of the student, with the shapes for one image.
        package var student: [String: [Int]]
        /// What it reads of the teacher, with the shapes for one image.
        package var teacher: [String: [Int]]
        /// Maps that are averaged to the size of what they are compared with.
        package var resizers: [Resizer]
        /// States that are trained with the run and not exported.
        package var projectors: [String: [Int]]
    }

    /// A map before and after it is averaged to another size.
    package struct Resizer: Codable, Sendable {
        /// `student` or `teacher`.
        package var side: String
        package var tap: String
        package var from: [Int]
        package var to: [Int]
    }

    /// How a teacher in int8 compares with float32.
    package struct Teacher: Codable, Sendable {
        /// The share of images to which both give the same class.
        package var agreement: Double?
        /// The mean centred cosine of each tap.
        package var cosines: [String: Double]
        /// Images on which they were compared.
        package var images: Int
        package var imagesPerSecond: Double
        /// How many times as fast it is as in the precision it would have without being asked.
        package var speedup: Double
        /// All of that in words, and what is to be said about it.
        package var summary: String
        package var warning: String?

        init(_ teacher: QuantizedTeacher) {
            agreement = teacher.calibration.agreement
            cosines = teacher.calibration.cosines
            images = teacher.calibration.compared
            imagesPerSecond = teacher.speed.imagesPerSecond
            speedup = teacher.speed.ratio
            summary = teacher.summary
            warning = teacher.warning
        }

        private enum CodingKeys: String, CodingKey {
            case agreement, cosines, images, speedup, summary, warning
            case imagesPerSecond = "images_per_second"
        }
    }

    package var recipe: String
    package var samples: Int
    package var classes: Int
    package var steps: Int
    package var stepsPerEpoch: Int
    package var student: [Layer]
    package var parameters: Int
    package var multiplyAdds: Int
    package var objectives: [Loss]
    /// What turns the modality's values into the network's input, and the focal length that it is given.
    package var encoding: String
    /// What the objectives do otherwise than their names say, and what the student begins with.
    package var notes: [String]
    /// Bytes of the training plan's arena and of all states.
    package var arenaBytes: Int
    package var stateBytes: Int
    /// Bytes on disk when the caches are full, and what may be taken.
    package var viewBytes: Int
    package var targetBytes: Int
    package var quotaBytes: Int64
    /// What happens to the teacher's answers: `cached` or `live beyond the quota`.
    package var targets: String
    package var processor: String
    /// `bfloat16` or `float32`: what the training step computes in here.
    package var precision: String
    /// What the frozen teacher computes in, nil without one.
    package var teacherPrecision: String?
    /// Where that is int8.
    package var teacher: Teacher?

    private enum CodingKeys: String, CodingKey {
        case recipe, samples, classes, steps, student, parameters, objectives, targets, processor
        case precision, notes, teacher, encoding
        case teacherPrecision = "teacher_precision"
        case stepsPerEpoch = "steps_per_epoch"
        case multiplyAdds = "multiply_adds"
        case arenaBytes = "arena_bytes"
        case stateBytes = "state_bytes"
        case viewBytes = "view_cache_bytes"
        case targetBytes = "target_cache_bytes"
        case quotaBytes = "quota_bytes"
    }

    package init(_ request: RunRequest) throws {
        let setup = try RunSetup(request)
        let training = try setup.trainingGraph()
        let store = StateStore()
        try store.declare(statesOf: training.graph, seed: 0)
        let plan = try CPUExecutor().compile(
            training.graph, store: store,
            options: PlanOptions(
                threads: request.threads, label: "plan", inference: false,
                precision: setup.precision))
        recipe = setup.recipe.toml
        samples = setup.selection.samples.count
        classes = setup.classes.count
        let schedule = BatchSchedule(
            samples: samples, batch: setup.recipe.training.batch,
            seed: UInt64(setup.recipe.training.seed))
        stepsPerEpoch = schedule.stepsPerEpoch
        steps = stepsPerEpoch * setup.recipe.training.epochs
        let summary = GraphSummary(of: try setup.inferenceGraph())
        student = summary.rows.map {
            Layer(
                name: $0.name, operation: $0.kind, shape: $0.shape.dimensions,
                parameters: $0.parameters, multiplyAdds: $0.multiplyAdds)
        }
        parameters = summary.parameters
        multiplyAdds = summary.multiplyAdds
        objectives = try JobPlan.losses(setup, training)
        encoding = setup.encodingSummary
        notes =
            setup.notes + setup.objectives.notes
            + [try setup.beginning()?.summary].compactMap { $0 }
        arenaBytes = plan.report.arenaByteCount
        stateBytes = training.graph.states.reduce(0) { $0 + 4 * $1.declaration.shape.count }
        let views = setup.recipe.training.views
        viewBytes = samples * views * setup.views.recordBytes
        targetBytes = samples * views * (setup.targets?.recordBytes ?? 0)
        quotaBytes = setup.budget.quota
        targets =
            Int64(viewBytes + targetBytes) <= quotaBytes ? "cached" : "live beyond the quota"
        processor = Processor.features.joined(separator: " ")
        precision = setup.precision.rawValue
        teacherPrecision = setup.teacherNetwork?.precision.rawValue
        teacher = setup.quantizedTeacher.map(Teacher.init)
    }

    private static func losses(_ setup: RunSetup, _ training: TrainingGraph) throws -> [Loss] {
        let student = try setup.descriptor.shapes(of: setup.requirements.student)
            .mapValues(\.dimensions)
        let teacher = setup.teacherNetwork?.ownShapes.mapValues(\.dimensions) ?? [:]
        return zip(setup.objectives.configurations, setup.objectives.objectives).enumerated().map {
            index, pair in
            let requirements = pair.1.requirements(registered: setup.request.manifest.registered)
            let projectors = training.graph.states.map(\.declaration).filter {
                $0.role == .parameter && $0.name.hasPrefix("objective.\(index).")
            }
            return Loss(
                objective: pair.0.name, weight: pair.0.weight,
                student: student.filter { requirements.student.contains($0.key) },
                teacher: teacher.filter { requirements.teacher.contains($0.key) },
                resizers: requirements.pairs.sorted {
                    ($0.student, $0.teacher) < ($1.student, $1.teacher)
                }
                .flatMap { resizers($0, student[$0.student], teacher[$0.teacher]) },
                projectors: Dictionary(
                    uniqueKeysWithValues: projectors.map { ($0.name, $0.shape.dimensions) }))
        }
    }

    /// What is averaged where a pair's maps, `[channels, height, width]`, differ in size.
    private static func resizers(
        _ pair: TapPair, _ student: [Int]?, _ teacher: [Int]?
    ) -> [Resizer] {
        guard let student, let teacher, student.count == 3, teacher.count == 3 else { return [] }
        let common = (1..<3).map { min(student[$0], teacher[$0]) }
        return [("student", pair.student, student), ("teacher", pair.teacher, teacher)].compactMap {
            side, tap, shape in
            let from = Array(shape.dropFirst())
            return from == common ? nil : Resizer(side: side, tap: tap, from: from, to: common)
        }
    }
}
