import Batching
import Distillation
import Foundation
import Testing

@Suite("The alarm for collapsed features", .ownThread, .serialized, .timeLimit(.minutes(10)))
struct CollapseTests {
    private static let teacher = Trial.teacher(epochs: 4)

    /// 104 steps: the alarm may sound from the 100th on.
    ///
    /// The student reads what its teacher reads. In so few steps a depth student hardly learns: over seeds and
    /// processors its centred cosine lay between -.09 and .03, which is what the alarm is for; this one's is .64 to .73.
    private static func student(_ training: String) -> String {
        Trial.student(
            epochs: 13, modality: "rgb", training: training,
            objectives: "[[objective]]\nknowledge = \"feature\"\nmethod = \"centred-cosine\"")
    }

    private func lines(_ request: RunRequest) throws -> [[String: Any]] {
        try String(contentsOfFile: request.runFolder + "/metrics.jsonl", encoding: .utf8)
            .split(separator: "\n").compactMap {
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
    }

    @Test func itSoundsForARunThatCollapsesAndNotForOneThatLearns() throws {
        let bench = try Workbench(pairs: 176)
        let taught = RecordingObserver()
        let teacher = try Trial.finish(
            try bench.request("teacher", recipe: Self.teacher), taught
        ).folder
        // Nobody watches a run without a teacher.
        #expect(taught.metrics["collapsed"] == nil && taught.warnings.isEmpty)

        let sound = RecordingObserver()
        let learning = try bench.request(
            "learning", recipe: Self.student("evaluate_every = 12"), teacher: teacher)
        _ = try Trial.finish(learning, sound)
        #expect(sound.metrics["collapsed"] == 0 && sound.warnings.isEmpty)
        let quiet = try lines(learning)
        #expect(quiet.count == 104)
        #expect(quiet.compactMap { $0["collapsed"] as? Bool } == [false])

        // A decay that leaves nothing of the weights: every frame has the same features.
        let fallen = RecordingObserver()
        let collapsing = try bench.request(
            "collapsing",
            recipe: Self.student("weight_decay = 18\nwarmup = 0\nlearning_rate = 0.1"),
            teacher: teacher)
        guard case .finished(_, let document) = try TrainingRun(collapsing, observer: fallen).run()
        else {
            Issue.record("the run stopped")
            return
        }
        #expect(
            fallen.metrics["collapsed"] == 1,
            "centred cosine \(fallen.metrics["centred_cosine"] ?? .nan)")
        #expect(document.metrics["collapsed"] == 1)
        #expect(fallen.warnings.map(\.code) == ["training.collapsed"])
        #expect(fallen.warnings.map(\.step) == [104])
        let last = try #require(try lines(collapsing).last)
        #expect(last["collapsed"] as? Bool == true && last["step"] as? Int == 104)

        // Stopped and taken up again the run still knows how it began, and ends as it would have.
        let first = RecordingObserver()
        first.patience = 50
        var resumed = try bench.request(
            "resumed", recipe: Self.student("weight_decay = 18\nwarmup = 0\nlearning_rate = 0.1"),
            teacher: teacher)
        guard case .stopped = try TrainingRun(resumed, observer: first).run() else {
            Issue.record("the run did not stop")
            return
        }
        resumed.checkpoints = first.checkpoints
        let second = RecordingObserver()
        guard case .finished(_, let again) = try TrainingRun(resumed, observer: second).run() else {
            Issue.record("the run stopped")
            return
        }
        #expect(again.digest == document.digest)
        #expect(second.metrics["collapsed"] == 1)
        func notes(_ request: RunRequest) -> Data? {
            FileManager.default.contents(atPath: request.runFolder + "/collapse.json")
        }
        #expect(notes(resumed) != nil)
        let decoded = try [resumed, collapsing].map {
            try JSONSerialization.jsonObject(with: try #require(notes($0))) as? NSDictionary
        }
        #expect(decoded[0] == decoded[1])
    }
}
