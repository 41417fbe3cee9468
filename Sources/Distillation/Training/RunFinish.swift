import Batching
import Configuration
import Evaluation
import Execution
import Foundation
import Graphs
import Interchange
import Modalities
import Networks
import Objectives
import Tensors

/// The observer asked for an end where the last checkpoint holds everything.
struct RunStopped: Error {}

/// The end of a run: the student is measured on the test split and written as a model.
struct RunFinish {
    let setup: RunSetup
    let loop: TrainingLoop
    private let statistics: [String: TeacherStatisticsEstimate]
    let observer: any RunObserver
    /// Looks at each evaluation's answers; nil: nobody watches for a collapse.
    var watch: CollapseWatch?
    /// What the student's inputs held in training.
    var seen: InputStatistics?
    let kept = KeptAnswers()

    init(
        _ setup: RunSetup, loop: TrainingLoop, statistics: [String: TeacherStatisticsEstimate],
        observer: any RunObserver
    ) {
        self.setup = setup
        self.loop = loop
        self.statistics = statistics
        self.observer = observer
    }

    /// The weights that are measured and exported: averages where there are any.
    func studentWeights() throws -> [String: Tensor<Float>] {
        var weights: [String: Tensor<Float>] = [:]
        let averaged = Set(loop.graph.averaged)
        for (declaration, _) in loop.graph.graph.states {
            guard declaration.role == .parameter || declaration.role == .statistic else { continue }
            let name = declaration.name
            let value =
                averaged.contains(name) ? ExponentialMovingAverage.averageName(of: name) : name
            if let kept = setup.objectives.keptScope, name.hasPrefix(kept) {
                weights[String(name.dropFirst(kept.count))] = try loop.store.read(value)
            } else if !name.hasPrefix("objective.") {
                weights[name] = try loop.store.read(value)
            }
        }
        return weights
    }

    /// Measures the student on the test split, or on the training split where there is no other.
    func evaluate(_ weights: [String: Tensor<Float>]) throws -> [String: Double] {
        let folder = try write(weights, metrics: [:])
        let model = try LoadedModel(folder: folder, host: setup.request.host)
        let student = try ModelAnswers.of(
            model, on: measured, views: setup.views, threads: setup.request.threads,
            failed: observer.failed, progress: { _ in try tick() })
        let teacher = try teacherAnswers()
        let projector = try projector()
        let outcome = try ModelEvaluator.outcome(
            student, classes: setup.classes, teacher: teacher,
            teacherClasses: setup.teacher?.document.classes ?? [], projector: projector)
        var metrics = outcome.metrics.dictionary
        metrics["collapsed"] = try collapsed(
            student: student, teacher: teacher, projector: projector)
        metrics["test_samples"] = Double(outcome.samples)
        if outcome.labelled > 0 {
            metrics["chance"] = 1 / Double(max(1, setup.classes.count))
        }
        observer.measured(metrics)
        return metrics
    }

    /// Keeps whoever supervises the run informed, and ends it where that is wanted.
    func tick() throws {
        if observer.shouldStop { throw RunStopped() }
        // Silence would be taken for a hang, also before the first step.
        observer.progressed(
            loop.lastProgress
                ?? RunProgress(
                    step: loop.step, steps: loop.steps, epoch: 0,
                    epochs: setup.recipe.training.epochs, samplesPerSecond: 0, secondsLeft: 0,
                    learningRate: 0, losses: [:]))
    }

    /// Writes the finished model and its ONNX into the run's folder.
    ///
    /// - Returns: the model's folder and document.
    func export(
        _ weights: [String: Tensor<Float>], metrics: [String: Double]
    ) throws -> (String, ModelDocument) {
        let folder = try write(weights, metrics: metrics)
        let model = try LoadedModel(folder: folder, host: setup.request.host)
        try ModelLayers(of: model).write(folder: folder)
        let path = setup.request.runFolder + "/student.onnx"
        let source = URL(fileURLWithPath: folder + "/" + model.document.weights)
        let copy = URL(fileURLWithPath: setup.request.runFolder + "/student.safetensors")
        do {
            try StudentExport.onnx(model, to: path)
            try? FileManager.default.removeItem(at: copy)
            try FileManager.default.copyItem(at: source, to: copy)
        } catch let error as CocoaError {
            throw FileFailure.classify(error, path: path, doing: "exporting")
        }
        return (folder, model.document)
    }

    /// The map from the student's mean features to the teacher's, with standardisation undone.
    ///
    /// `t = std (W s + b) + mean`: kept as `projector.weight` and `projector.bias` beside the model.
    func projector() throws -> Projector? {
        // A student that answers with its teacher's classifier has features in the teacher's space already.
        guard setup.reused == nil else { return nil }
        for (index, objective) in setup.objectives.objectives.enumerated()
        where type(of: objective).name == CentredCosine.name {
            let prefix = "objective.\(index).projector."
            guard
                loop.store.contains(prefix + "weight"), loop.store.contains(prefix + "bias"),
                let estimate = statistics["features"] ?? statistics["pooled"]
            else { continue }
            return Projector(
                weight: try loop.store.read(prefix + "weight"),
                bias: try loop.store.read(prefix + "bias"),
                mean: estimate.mean, deviation: estimate.deviation)
        }
        return nil
    }

    /// What the weights' file needs to be imported again as the same model.
    private var metadata: [String: String] {
        let descriptor = setup.descriptor
        var metadata = [
            "format": "pt", "distilld.architecture": descriptor.architecture,
            "distilld.encoding": descriptor.encoding.name,
            "distilld.modality": descriptor.modality, "distilld.size": "\(descriptor.input.size)",
            "distilld.classes": setup.classes.joined(separator: "\n"),
        ]
        metadata["distilld.encoding.focal"] = descriptor.encoding.focal.map { "\($0.x) \($0.y)" }
        return metadata
    }

    func write(
        _ weights: [String: Tensor<Float>], metrics: [String: Double]
    ) throws -> String {
        // The classifier's weights lie beside the student's own, so that the file is the whole model.
        var weights = weights
        if let reused = setup.reused, let teacher = setup.teacher {
            for (name, tensor) in try teacher.states(of: reused.graph) {
                weights["classifier.\(name)"] = tensor
            }
        }
        let folder = setup.request.runFolder + "/model"
        let path = folder + "/weights.safetensors"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            try SafeTensorsWriter.write(
                weights,
                metadata: metadata, to: URL(fileURLWithPath: path))
            try projector()?.write(to: folder)
            if let reused = setup.reused, let teacher = setup.teacher {
                try ONNXExporter().write(
                    reused.graph, states: try teacher.states(of: reused.graph),
                    to: URL(fileURLWithPath: folder + "/" + ReusedClassifier.fileName))
            }
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing the model")
        }
        let document = ModelDocument(
            name: setup.recipe.name, kind: .network, modality: setup.descriptor.modality,
            network: setup.descriptor, preprocessing: nil, inputSize: setup.descriptor.input.size,
            classifier: setup.reused?.description, classes: setup.classes,
            featureChannels: setup.featureChannels,
            parameters: weights.values.reduce(0) { $0 + $1.count },
            multiplyAdds: try setup.inferenceGraph().multiplyAdds, weights: "weights.safetensors",
            digest: try digest(of: path, in: folder), teacher: setup.teacher?.document.name,
            teacherDigest: setup.teacher?.document.digest, dataset: setup.request.dataset,
            metrics: metrics, seen: seen)
        try document.write(folder: folder)
        return folder
    }

    /// What tells the model from others: its weights and, where it has one of its teacher's, the classifier.
    private func digest(of weights: String, in folder: String) throws -> String {
        let digest = try FileDigest.sha256(of: weights)
        guard setup.reused != nil else { return digest }
        let classifier = try FileDigest.sha256(of: folder + "/" + ReusedClassifier.fileName)
        return FileDigest.sha256(text: digest + classifier)
    }
}
