import Batching
import Distillation
import Foundation
import Interchange
import Testing

private let teacherRecipe = Trial.teacher()
private let studentRecipe = Trial.student(epochs: 4, student: "initialise = \"teacher\"")

@Suite(.ownThread, .serialized, .timeLimit(.minutes(10))) struct TrainingRunTests {
    @Test func aStudentIsDistilledFromATeacherAndResumesBitForBit() throws {
        let bench = try Workbench()
        let teacher = try Trial.finish(try bench.request("teacher", recipe: teacherRecipe))
        #expect(teacher.document.classes.count >= 8)
        #expect(teacher.document.modality == "rgb")

        let observer = RecordingObserver()
        let request = try bench.request(
            "student", recipe: studentRecipe, teacher: teacher.folder)
        let whole = try Trial.finish(request, observer)
        #expect(
            observer.phases == ["preparing", "caching", "training", "evaluating", "exporting"])
        #expect(observer.failures.isEmpty)
        #expect(observer.metrics["agreement"] != nil && observer.metrics["accuracy"] != nil)
        #expect(observer.metrics["centred_cosine"] != nil)
        #expect(whole.document.teacherDigest == teacher.document.digest)
        for file in [
            "student.onnx", "student.safetensors", "metrics.jsonl", "recipe.resolved.toml",
        ] {
            #expect(FileManager.default.fileExists(atPath: request.runFolder + "/" + file))
        }

        // The same run with no cache at all: every view and answer is computed live and rounded alike.
        var live = try bench.request("live", recipe: studentRecipe, teacher: teacher.folder)
        live.cacheFolder = bench.root + "/no-cache"
        live.cacheQuota = 0
        #expect(try Trial.finish(live).document.digest == whole.document.digest)

        // The same run, ended in the middle and taken up again.
        let first = RecordingObserver()
        first.patience = 7
        let interrupted = try bench.request(
            "interrupted", recipe: studentRecipe, teacher: teacher.folder)
        guard case .stopped = try TrainingRun(interrupted, observer: first).run() else {
            Issue.record("the run did not stop")
            return
        }
        let written = try #require(first.checkpoints.first)
        #expect(written.step == 7)
        var resumed = interrupted
        resumed.checkpoints = first.checkpoints
        let second = try Trial.finish(resumed)
        #expect(second.document.digest == whole.document.digest)
        let steps = try String(
            contentsOfFile: interrupted.runFolder + "/metrics.jsonl", encoding: .utf8
        ).split(separator: "\n")
        #expect(steps.count == 4 * 4)
    }

    @Test func aDamagedCheckpointIsPassedOver() throws {
        let bench = try Workbench(pairs: 48)
        let first = RecordingObserver()
        first.patience = 2
        var request = try bench.request("run", recipe: teacherRecipe)
        guard case .stopped = try TrainingRun(request, observer: first).run() else {
            Issue.record("the run did not stop")
            return
        }
        let written = try #require(first.checkpoints.first)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: written.path))
        bytes[bytes.count / 2] ^= 0x40
        try bytes.write(to: URL(fileURLWithPath: written.path))
        request.checkpoints = first.checkpoints
        let observer = RecordingObserver()
        _ = try Trial.finish(request, observer)
        #expect(observer.lines.contains { $0.contains("is not used") })
    }

    @Test func aCorruptFileIsReportedAndTheRunGoesOn() throws {
        let bench = try Workbench(pairs: 48)
        let victim = try #require(bench.samples.first { $0.split == "train" })
        let path = try #require(victim.files["rgb"]?.path)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
        let observer = RecordingObserver()
        _ = try Trial.finish(try bench.request("run", recipe: teacherRecipe), observer)
        #expect(observer.failures.map(\.sample) == [victim.id])
        #expect(observer.failures.first?.path == path)
        #expect(observer.failures.first?.code.isEmpty == false)
    }

    @Test func anUnreadableRGBFileCostsOneSampleEvenWithoutACache() throws {
        let bench = try Workbench(pairs: 48)
        let teacher = try Trial.finish(try bench.request("teacher", recipe: teacherRecipe))
        let victim = try #require(bench.samples.first { $0.split == "train" })
        try Data("not a picture".utf8).write(
            to: URL(fileURLWithPath: try #require(victim.files["rgb"]?.path)))
        var request = try bench.request("run", recipe: studentRecipe, teacher: teacher.folder)
        request.cacheFolder = bench.root + "/no-cache"
        request.cacheQuota = 0
        let observer = RecordingObserver()
        _ = try Trial.finish(request, observer)
        #expect(observer.failures.map(\.sample) == [victim.id])
    }

    @Test func evaluateEveryPutsTestFiguresAmongTheMetrics() throws {
        let bench = try Workbench(pairs: 48)
        let recipe = teacherRecipe.replacingOccurrences(
            of: "seed = 3", with: "seed = 3\nevaluate_every = 1")
        let request = try bench.request("run", recipe: recipe)
        _ = try Trial.finish(request)
        let text = try String(contentsOfFile: request.runFolder + "/metrics.jsonl", encoding: .utf8)
        #expect(text.split(separator: "\n").count { $0.contains("test.accuracy") } == 2)
    }

    @Test func aFullDiskIsKnownFromEveryRoomsError() {
        let errors: [any Error] = [
            InterchangeError(.diskFull, file: "x", "writing failed"),
            CacheError(code: .diskFull, path: "x", message: "writing failed"),
            NSError(domain: NSPOSIXErrorDomain, code: Int(ENOSPC)),
            CocoaError(.fileWriteOutOfSpace),
        ]
        for error in errors {
            #expect(FileFailure.classify(error, path: "x", doing: "writing").code == "disk.full")
        }
        let other = InterchangeError(.unwritable, file: "x", "writing failed")
        #expect(FileFailure.classify(other, path: "x", doing: "writing").code == "file.io")
    }

    @Test func mistakesInARecipeNameWhatIsMeant() throws {
        let bench = try Workbench(pairs: 24)
        func message(_ recipe: String) -> String {
            do {
                _ = try TrainingRun(
                    try bench.request("run", recipe: recipe), observer: RecordingObserver()
                ).run()
                return ""
            } catch {
                return "\(error)"
            }
        }
        let typo = teacherRecipe.replacingOccurrences(of: "residual-small", with: "residual-smal")
        #expect(message(typo).contains("residual-small"))
        let modality = teacherRecipe.replacingOccurrences(of: "\"rgb\"", with: "\"thermal\"")
        #expect(message(modality).contains("thermal"))
        let split = teacherRecipe.replacingOccurrences(
            of: "name = \"scenes\"", with: "name = \"scenes\"\nsplit = \"validation\"")
        #expect(message(split).contains("validation"))
        #expect(message(studentRecipe).contains("teacher"))
    }

    @Test func aPlanSaysWhatWouldHappen() throws {
        let bench = try Workbench(pairs: 48)
        let plan = try JobPlan(try bench.request("plan", recipe: teacherRecipe))
        #expect(plan.samples == 36)
        #expect(plan.stepsPerEpoch == 2 && plan.steps == 6)
        #expect(plan.parameters > 250_000 && plan.parameters < 400_000)
        #expect(plan.arenaBytes > 0 && plan.viewBytes > 0)
        #expect(plan.objectives.map(\.objective) == ["label/cross-entropy"])
    }
}
