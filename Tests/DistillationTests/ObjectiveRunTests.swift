import Batching
import Configuration
import Distillation
import Execution
import Foundation
import Interchange
import Modalities
import Networks
import Objectives
import Tensors
import Testing

/// Whole runs with each method, from files to an exported student.
@Suite(.ownThread, .serialized, .timeLimit(.minutes(20))) struct ObjectiveRunTests {
    /// One data set and one teacher for all.
    private static let shared: Result<(bench: Workbench, teacher: String), any Error> = Result {
        let bench = try Workbench(pairs: 48)
        return (
            bench,
            try Trial.finish(try bench.request("teacher", recipe: Trial.teacher(epochs: 1))).folder
        )
    }

    private static func objective(_ name: String) -> String {
        let parts = name.split(separator: "/")
        return "[[objective]]\nknowledge = \"\(parts[0])\"\nmethod = \"\(parts[1])\""
    }

    private static let methods = ObjectiveRegistry.all.filter { $0.knowledge != .label }
        .map { $0.name }

    @Test(arguments: methods)
    func everyMethodTrainsAndExportsAStudent(_ name: String) throws {
        let (bench, teacher) = try Self.shared.get()
        let folder = name.replacingOccurrences(of: "/", with: "-")
        let request = try bench.request(
            folder, recipe: Trial.student(objectives: Self.objective(name)),
            teacher: teacher)
        let observer = RecordingObserver()
        let (_, document) = try Trial.finish(request, observer)
        #expect(observer.metrics["cka"]?.isFinite == true)
        // What a method trains for itself is not the student's, unless it answers with it.
        let weights = try SafeTensorsFile(
            URL(fileURLWithPath: request.runFolder + "/student.safetensors"))
        #expect(!weights.entries.contains { $0.name.hasPrefix("objective.") })
        #expect(
            weights.entries.contains { $0.name.hasPrefix("projector.") }
                == (document.classifier != nil))
    }

    @Test func aStudentMayAnswerWithItsTeachersClassifier() throws {
        let (bench, teacher) = try Self.shared.get()
        let recipe = Trial.student(
            epochs: 3, objectives: Self.objective("response/classifier-reuse"))
        let whole = try Trial.finish(
            try bench.request("reuse-whole", recipe: recipe, teacher: teacher))
        let theirs = try LoadedModel(folder: teacher, host: bench.host)
        #expect(whole.1.classes == theirs.document.classes)
        #expect(whole.1.featureChannels == theirs.document.featureChannels)

        // Interrupted and resumed it is the same student, projector included.
        let first = RecordingObserver()
        first.patience = 4
        var interrupted = try bench.request("reuse-resumed", recipe: recipe, teacher: teacher)
        guard case .stopped = try TrainingRun(interrupted, observer: first).run() else {
            Issue.record("the run did not stop")
            return
        }
        interrupted.checkpoints = first.checkpoints
        #expect(try Trial.finish(interrupted).1.digest == whole.1.digest)

        // Its logits are the teacher's classifier of its own pooled features.
        let student = try LoadedModel(folder: whole.0, host: bench.host)
        let found = try answers(of: student, batch: 2)
        let weight = try #require(theirs.weights["fc.weight"])
        let bias = try #require(theirs.weights["fc.bias"])
        let pooled = try #require(found["pooled"])
        let logits = try #require(found["logits"])
        let (classes, channels) = (weight.shape[0], weight.shape[1])
        for row in 0..<2 {
            for each in 0..<classes {
                var sum = bias.values[each]
                for channel in 0..<channels {
                    sum +=
                        weight.values[each * channels + channel] * pooled[row * channels + channel]
                }
                #expect(abs(sum - logits[row * classes + each]) < 1e-3)
            }
        }

        // The exported file gives the same.
        let file = URL(fileURLWithPath: bench.root + "/runs/reuse-whole/student.onnx")
        let exported = try ONNXImporter(ImportOptions(shapes: ["depth": [2, 1, 32, 32]]))
            .model(at: file)
        let store = StateStore()
        try store.declare(statesOf: exported.graph, seed: 0)
        let plan = try CPUExecutor().compile(exported.graph, store: store, options: options)
        try images(2).withUnsafeBufferPointer { try plan.feed("depth", values: $0) }
        try plan.run()
        let again = try plan.withOutput("logits") { Array($0) }
        #expect(zip(again, logits).allSatisfy { abs($0 - $1) < 1e-4 * max(1, abs($1)) })
    }

    @Test func itsClassifierLeavesNoRoomForOtherLogits() throws {
        let (bench, teacher) = try Self.shared.get()
        let both =
            Self.objective("response/classifier-reuse") + "\n"
            + Self.objective("response/kullback-leibler")
        let request = try bench.request(
            "both", recipe: Trial.student(objectives: both), teacher: teacher)
        let error = #expect(throws: DistillationError.self) { try JobPlan(request) }
        #expect(error?.message.contains("response/kullback-leibler") == true)
    }

    @Test(arguments: [
        "feature/review", "feature/solution-flow", "response/classifier-reuse",
    ])
    func anImportedGraphHasStagesAndAClassifier(_ name: String) throws {
        let (bench, teacher) = try Self.shared.get()
        let source = bench.root + "/teacher.onnx"
        try? StudentExport.onnx(try LoadedModel(folder: teacher, host: bench.host), to: source)
        let imported = bench.root + "/imported"
        if !FileManager.default.fileExists(atPath: imported + "/model.json") {
            try FileManager.default.createDirectory(
                atPath: imported, withIntermediateDirectories: true)
            var unit = Preprocessing.unit
            unit.size = 32
            _ = try ModelImport(host: bench.host).run(
                .init(
                    file: source, originalName: "teacher.onnx", name: "imported", modality: "rgb",
                    preprocessing: unit, classes: nil), destination: imported)
        }
        let request = try bench.request(
            "imported-" + name.replacingOccurrences(of: "/", with: "-"),
            recipe: Trial.student(objectives: Self.objective(name)), teacher: imported
        )
        #expect(try Trial.finish(request).1.parameters > 0)
    }

    @Test func itsFeaturesAreInTheTeachersSpaceWithoutAnotherProjector() throws {
        let (bench, teacher) = try Self.shared.get()
        let both =
            Self.objective("response/classifier-reuse") + "\n"
            + Self.objective("feature/centred-cosine")
        let (folder, _) = try Trial.finish(
            try bench.request(
                "reuse-cosine", recipe: Trial.student(objectives: both),
                teacher: teacher))
        #expect(Projector(folder: folder) == nil)
    }

    @Test func flowsKeepTheTeachersMapsWhatOthersCompareThemWith() throws {
        let (bench, teacher) = try Self.shared.get()
        let objective =
            Self.objective("feature/solution-flow") + "\n" + Self.objective("feature/hint")
            + "\nstudent = \"layer4\"\nteacher = \"layer1\""
        let plan = try JobPlan(
            try bench.request(
                "flows", recipe: Trial.student(objectives: objective),
                teacher: teacher))
        let flow = try #require(plan.objectives.first)
        let whole = try #require(flow.teacher["layer1"])
        #expect(plan.targetBytes / plan.samples / 2 >= 2 * whole.reduce(1, *))
    }

    @Test func aMethodWithoutAWeightHasItsUsualOne() throws {
        let (bench, teacher) = try Self.shared.get()
        let request = try bench.request(
            "weights",
            recipe: Trial.student(objectives: Self.objective("feature/hint")),
            teacher: teacher)
        let plan = try JobPlan(request)
        #expect(plan.objectives.map(\.weight) == [HintRegression.usualWeight])
        #expect(plan.recipe.contains("weight = 100"))
    }

    @Test func unregisteredModalitiesAreComparedByTheirMeans() throws {
        let (bench, teacher) = try Self.shared.get()
        func plan(_ name: String) throws -> JobPlan {
            var request = try bench.request(
                "unregistered",
                recipe: Trial.student(objectives: Self.objective(name)),
                teacher: teacher)
            let text = request.manifest.manifest.toml.replacingOccurrences(
                of: "registered = true", with: "registered = false")
            request.manifest = try ManifestOptions(manifest: text)
            return try JobPlan(request)
        }
        for name in Self.methods {
            guard let method = ObjectiveRegistry.all.first(where: { $0.name == name }) else {
                continue
            }
            if method.comparesPositions {
                let error = #expect(throws: ObjectiveError.self) { try plan(name) }
                #expect(error?.code == .unregistered)
                #expect(error?.message.contains("feature/hint") == true)
                continue
            }
            let found = try plan(name)
            let isMap = found.objectives.contains {
                ($0.teacher["features"] ?? []).count == 3 && method.knowledge == .feature
            }
            #expect(!isMap, "\(name)")
            #expect(found.notes.allSatisfy { $0.hasPrefix(name) })
            if name == "feature/hint" || name == "feature/centred-cosine" {
                #expect(found.notes.count == 1)
            }
        }
    }

    @Test func planSaysWhatIsAveraged() throws {
        let (bench, teacher) = try Self.shared.get()
        let objective =
            Self.objective("feature/hint") + "\nstudent = \"layer2\"\nteacher = \"layer1\""
        let plan = try JobPlan(
            try bench.request(
                "resized", recipe: Trial.student(objectives: objective),
                teacher: teacher))
        let loss = try #require(plan.objectives.first)
        let resizer = try #require(loss.resizers.first)
        #expect(loss.resizers.count == 1 && resizer.side == "teacher" && resizer.tap == "layer1")
        #expect(resizer.to == Array(try #require(loss.student["layer2"]).dropFirst()))
        #expect(!loss.projectors.isEmpty)
    }

    private let options = PlanOptions(threads: 2, label: "test", inference: true)

    private func images(_ batch: Int) -> [Float] {
        (0..<(batch * 32 * 32)).map { 1 + Float(($0 * 7919) % 997) / 300 }
    }

    private func answers(of model: LoadedModel, batch: Int) throws -> [String: [Float]] {
        let graph = try model.inferenceGraph(batch: batch)
        let store = StateStore()
        try model.load(into: store, for: graph)
        let plan = try CPUExecutor().compile(graph, store: store, options: options)
        try images(batch).withUnsafeBufferPointer { try plan.feed("depth", values: $0) }
        try plan.run()
        var found: [String: [Float]] = [:]
        for name in ["logits", "pooled"] {
            found[name] = try plan.withOutput(name) { Array($0) }
        }
        return found
    }
}
