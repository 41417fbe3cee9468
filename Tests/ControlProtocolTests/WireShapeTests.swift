import ControlProtocol
import Foundation
import Testing

@Suite("What goes over the wire")
struct WireShapeTests {
    private func keys(_ value: some Encodable) throws -> [String] {
        guard case .object(let members) = try JSONValue(encoding: value) else { return [] }
        return members.keys.sorted()
    }

    @Test("a job's keys are stable")
    func job() throws {
        let job = JobSummary(
            id: "j1", name: "a", kind: "train", state: .running, phase: "training", dataset: "d",
            teacher: "t", student: "s", modality: "depth", owner: 1, attempts: 1,
            progress: JobProgress(
                step: 1, steps: 2, epoch: 1, epochs: 2, samplesPerSecond: 3, secondsLeft: 4,
                learningRate: 0.1, losses: ["total": 1]),
            metrics: ["student.accuracy": 0.5, "collapsed": 0],
            error: JobFailure(code: "a.b", message: "m"), retryAt: .now, model: "m",
            runFolder: "/r", workerPID: 2, created: .now, started: .now, finished: .now,
            recipe: "")
        #expect(
            try keys(job) == [
                "attempts", "collapsed", "created", "dataset", "error", "finished", "id", "kind",
                "metrics",
                "modality", "model", "name", "owner", "phase", "progress", "recipe", "retry_at",
                "run_folder", "started", "state", "student", "teacher", "worker_pid",
            ])
        let progress = try #require(job.progress)
        #expect(
            try keys(progress) == [
                "epoch", "epochs", "learning_rate", "losses", "samples_per_second",
                "seconds_left", "step", "steps",
            ])
        let data = try ControlJSON.encode(JobReply(job: job))
        #expect(try ControlJSON.decode(JobReply.self, from: data).job == job)
    }

    @Test("a comparison's keys are stable")
    func comparison() throws {
        let reply = ComparisonReply(
            dataset: "k", split: "test", baseline: "a", few: "a", oracle: "b",
            models: [
                .init(
                    model: "a", samples: 2, labelled: 1, metrics: ["accuracy": 1],
                    intervals: ["accuracy": MetricInterval(low: 0, high: 1)],
                    leftOut: ["kappa": "none"], seed: 1)
            ],
            differences: [
                .init(
                    model: "b", metric: "accuracy", samples: 2, difference: 0.5, low: 0.1,
                    high: 0.9, significant: true)
            ],
            seeds: [
                .init(
                    models: ["a", "b"], seeds: [1, 2], repeated: [],
                    metrics: ["accuracy": .init(mean: 0.5, low: 0, high: 1, seeds: 2)])
            ],
            gapClosed: [
                .init(models: ["c"], value: 0.9, interval: MetricInterval(low: 0.8, high: 1))
            ], leftOut: [:])
        #expect(
            try keys(reply) == [
                "baseline", "dataset", "differences", "few", "gap_closed", "left_out", "models",
                "oracle", "seeds", "split",
            ])
        #expect(
            try keys(reply.models[0]) == [
                "intervals", "labelled", "left_out", "metrics", "model", "samples", "seed",
            ])
        let data = try ControlJSON.encode(reply)
        #expect(try ControlJSON.decode(ComparisonReply.self, from: data) == reply)
    }

    @Test("a version reply has the keys that the contract names")
    func version() throws {
        let reply = VersionReply(api: 1, minAPI: 1, version: "x", capabilities: [])
        #expect(try keys(reply) == ["api", "capabilities", "min_api", "version"])
    }

    @Test("a model reads back, and reads where only the necessary is there")
    func model() throws {
        let model = ModelSummary(
            name: "m", kind: "network", architecture: "residual-small", modality: "depth",
            encoding: "metric", inputSize: 64, classes: ["a", "b"], parameters: 10, flops: 20,
            digest: "d", teacher: "t", dataset: "k", metrics: ["accuracy": 1],
            created: Timestamp(milliseconds: 1_000), folder: "/f", job: "j1", formats: ["onnx"])
        let value = try JSONValue(encoding: model)
        #expect(try value.decoded(as: ModelSummary.self) == model)
        #expect(value["input_size"] == .integer(64))
        let least = JSONValue.object([
            "name": .string("m"), "kind": .string("onnx"), "modality": .string("rgb"),
        ])
        #expect(try least.decoded(as: ModelSummary.self).classes.isEmpty)
    }

    @Test("a recipe goes as text or as an object")
    func recipe() throws {
        let text = try ControlJSON.encode(RecipeBody(recipe: .toml("a = 1")))
        #expect(String(decoding: text, as: UTF8.self) == #"{"recipe":"a = 1"}"#)
        let object = Data(#"{"recipe":{"name":"x"},"file":"r.toml"}"#.utf8)
        let body = try ControlJSON.decode(RecipeBody.self, from: object)
        #expect(body.recipe == .object(["name": .string("x")]))
        #expect(body.file == "r.toml")
    }

    @Test("what is not a number does not reach the wire")
    func notANumber() throws {
        let progress = JobProgress(
            TrainingProgress(
                step: 1, steps: 1, epoch: 1, epochs: 1, samplesPerSecond: .infinity,
                secondsLeft: .nan, learningRate: 0.1, losses: ["total": .nan, "label": 1]))
        #expect(progress.samplesPerSecond == 0)
        #expect(progress.secondsLeft == 0)
        #expect(progress.losses == ["label": 1])
        _ = try ControlJSON.encode(progress)
    }

    @Test("a worker's lines are what they always were")
    func worker() throws {
        func line(_ report: WorkerReport) throws -> String {
            String(decoding: try ControlJSON.encode(report), as: UTF8.self)
        }
        #expect(try line(.ready) == #"{"ready":{}}"#)
        #expect(try line(.phase("training")) == #"{"phase":{"_0":"training"}}"#)
        #expect(
            try line(.log(level: "info", message: "x"))
                == #"{"log":{"level":"info","message":"x"}}"#)
        #expect(
            String(decoding: try ControlJSON.encode(WorkerCommand.stop), as: UTF8.self)
                == #"{"stop":{}}"#)
    }
}
