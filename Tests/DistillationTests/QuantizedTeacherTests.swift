import Batching
import Configuration
import Distillation
import Execution
import Foundation
import Interchange
import Networks
import Testing

/// Teachers that compute in int8: what is measured of them, and on what their answers depend.
@Suite(.ownThread, .serialized, .timeLimit(.minutes(10))) struct QuantizedTeacherTests {
    private func recipe(_ precision: String, seed: Int = 3, size: Int = 32) -> String {
        Trial.student(seed: seed, size: size, teacher: "precision = \"\(precision)\"")
    }

    private let teacherRecipe = Trial.teacher()

    private func finish(
        _ request: RunRequest, _ observer: RecordingObserver = RecordingObserver()
    ) throws -> String {
        try Trial.finish(request, observer).folder
    }

    @Test(.enabled(if: Processor.hasInt8)) func aStudentLearnsFromATeacherInBytes() throws {
        let bench = try Workbench()
        let teacher = try finish(try bench.request("teacher", recipe: teacherRecipe))
        let observer = RecordingObserver()
        let request = try bench.request("student", recipe: recipe("int8"), teacher: teacher)
        _ = try finish(request, observer)
        let metrics = observer.metrics
        let agreement = try #require(metrics["teacher_int8_agreement"])
        #expect(agreement > 0.85)
        #expect(try #require(metrics["teacher_int8_cosine.features"]) > 0.98)
        #expect(try #require(metrics["teacher_int8_speedup"]) > 0)
        #expect(observer.lines.contains { $0.hasPrefix("info: teacher in int8: the same class") })
        #expect(
            observer.lines.contains { $0.hasPrefix("warning: the teacher in int8") }
                == (agreement < 0.98))
        let log = try String(contentsOfFile: request.runFolder + "/metrics.jsonl", encoding: .utf8)
        #expect(log.split(separator: "\n").first?.contains("teacher_int8_agreement") == true)

        // Another seed comes to the same ranges: its answers are those that are there already.
        let targets = try stores(bench)
        let other = try bench.request("other", recipe: recipe("int8", seed: 4), teacher: teacher)
        let plan = try JobPlan(other)
        #expect(plan.teacherPrecision == "int8" && plan.teacher?.agreement == agreement)
        #expect(
            try #require(plan.teacher).cosines["features"]
                == metrics["teacher_int8_cosine.features"])
        #expect(try stores(bench) == targets)
        // Another precision has answers of its own.
        let full = try JobPlan(
            try bench.request("full", recipe: recipe("float32"), teacher: teacher))
        #expect(full.teacherPrecision == "float32" && full.teacher == nil)
        #expect(try stores(bench).count == targets.count + 1)

        // Without the shared one the run's own calibration is used, so that a resumed run is the same run.
        try FileManager.default.removeItem(atPath: bench.root + "/cache/calibrations")
        let own = request.runFolder + "/teacher-calibration.json"
        let kept = try #require(FileManager.default.contents(atPath: own))
        _ = try JobPlan(request)
        #expect(FileManager.default.contents(atPath: own) == kept)
        #expect(!FileManager.default.fileExists(atPath: bench.root + "/cache/calibrations"))
        // A damaged one is made anew, and alike.
        try Data("{\"limits\"".utf8).write(to: URL(fileURLWithPath: own))
        _ = try JobPlan(request)
        #expect(FileManager.default.contents(atPath: own) == kept)
    }

    /// Who waits for a calibration sees how far it is and can end it.
    @Test(.enabled(if: Processor.hasInt8)) func aCalibrationIsWatched() throws {
        let bench = try Workbench()
        let teacher = try finish(try bench.request("teacher", recipe: teacherRecipe))
        let request = try bench.request("student", recipe: recipe("int8"), teacher: teacher)
        let impatient = RecordingObserver()
        (impatient.endingPhase, impatient.patience) = ("calibrating", 2)
        guard case .stopped = try TrainingRun(request, observer: impatient).run() else {
            Issue.record("the run went on")
            return
        }
        #expect(impatient.phases == ["preparing", "calibrating"])
        #expect(!FileManager.default.fileExists(atPath: bench.root + "/cache/calibrations"))
        let own = request.runFolder + "/teacher-calibration.json"
        #expect(!FileManager.default.fileExists(atPath: own))
        let observer = RecordingObserver()
        _ = try finish(request, observer)
        #expect(observer.phases.prefix(4) == ["preparing", "calibrating", "preparing", "caching"])
        let last = try #require(observer.progress["calibrating"]?.last)
        let images = Set(
            bench.samples.filter { $0.split == "train" }.compactMap { $0.files["rgb"]?.digest })
        #expect(last.step == last.steps && last.steps == images.count && last.epoch == 0)
    }

    private func stores(_ bench: Workbench) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: bench.root + "/cache/targets"))
    }

    /// A network of many residual sums, trained for as long as a test may take.
    @Test(.enabled(if: Processor.hasInt8)) func aDeepTeacherFollowsFloat32() throws {
        let bench = try Workbench(pairs: 128, size: 64)
        let teacher = try finish(
            try bench.request(
                "teacher",
                recipe: teacherRecipe.replacingOccurrences(of: "residual-small", with: "resnet18")
                    .replacingOccurrences(of: "size = 32", with: "size = 64")))
        let plan = try JobPlan(
            try bench.request("student", recipe: recipe("int8", size: 64), teacher: teacher))
        let found = try #require(plan.teacher)
        #expect(try #require(found.agreement) > 0.8, "\(found.summary)")
        #expect(found.cosines.values.allSatisfy { $0 > 0.95 }, "\(found.summary)")
        #expect(found.images > 40)
    }

    @Test func aProcessorWithoutByteSumsRefusesInt8() throws {
        func precision(_ name: String, hasInt8: Bool) throws -> Precision {
            try TeacherSetup.precision(
                of: Recipe(toml: recipe(name), file: "recipe.toml"), hasInt8: hasInt8)
        }
        #expect(try precision("int8", hasInt8: true) == .int8)
        for name in ["automatic", "float32", "bfloat16"] {
            #expect(try precision(name, hasInt8: false) != .int8)
        }
        #expect(try precision("float32", hasInt8: true) == .float32)
        do {
            _ = try precision("int8", hasInt8: false)
            Issue.record("int8 was not refused")
        } catch let error as DistillationError {
            #expect(error.code == "teacher.no_int8" && error.hint?.contains("automatic") == true)
        }
    }

    /// SqueezeNet, trained by others on photographs, on frames of a kitchen that it never saw.
    @Test(
        .enabled(if: Processor.hasInt8),
        .enabled(if: FileManager.default.fileExists(atPath: realData + "/kitchen")))
    func squeezeNetAgreesWithItself() throws {
        let bench = try Workbench(pairs: 8)
        let model = bench.root + "/squeezenet"
        let file = "squeezenet11_fp32_rgb_imagenetnorm_logits.onnx"
        _ = try ModelImport(host: bench.host).run(
            .init(
                file: realData + "/squeezenet/" + file, originalName: file, name: "squeezenet",
                modality: "rgb", preprocessing: .imageNet, classes: nil),
            destination: model)
        var request = try bench.request("kitchen", recipe: recipe("int8"), teacher: model)
        request.samples = try kitchen(every: 6)
        let teacher = try #require(try JobPlan(request).teacher)
        #expect(teacher.images >= 60)
        #expect(try #require(teacher.agreement) > 0.85, "\(teacher.summary)")
        #expect(teacher.cosines.values.allSatisfy { $0 > 0.98 }, "\(teacher.summary)")
    }

    private func kitchen(every step: Int) throws -> [Sample] {
        let folder = realData + "/kitchen"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".color.jpg") }.sorted()
        return try stride(from: 0, to: names.count, by: step).map { index in
            var files: [String: Sample.File] = [:]
            for (modality, ending) in [("rgb", ".color.jpg"), ("depth", ".depth.png")] {
                let path = "\(folder)/\(names[index].dropLast(10))\(ending)"
                let digest = try FileDigest.sha256(of: path)
                files[modality] = Sample.File(
                    path: path, digest: try #require(ContentDigest(hexadecimal: digest)))
            }
            return Sample(
                id: Int64(index + 1), key: names[index], split: "train", files: files, label: nil,
                attributes: [:])
        }
    }
}

/// The folder of real data.
private let realData: String = {
    if let folder = ProcessInfo.processInfo.environment["DISTILL_TEST_DATA"] { return folder }
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/shared/data"
}()
