import Configuration
import Console
import ControlClient
import ControlProtocol
import Foundation

/// What became of one arm.
struct DemoResult: Sendable {
    var arm: DemoArm
    var model: String
    /// On the test split.
    var metrics: [String: Double]
    /// Class names with counts by label and prediction.
    var confusion: Confusion?
    var curve: [CurvePoint]
    /// Training and evaluation together.
    var seconds: Double
    /// While training, over all epochs.
    var samplesPerSecond: Double

    struct Confusion: Decodable, Sendable {
        var classes: [String]
        var counts: [[Int]]
    }

    struct CurvePoint: Sendable {
        var step: Double
        var loss: Double
    }
}

/// Trains one arm and measures it.
struct DemoTrial {
    let client: ControlClient
    let setting: DemoSetting
    let arm: DemoArm

    func run(teacher: String?) async throws -> DemoResult {
        let start = ContinuousClock.now
        let recipe = arm.recipe(setting, teacher: teacher)
        let queued = try await client.send(
            EnqueueJob(recipe: .toml(recipe.toml), file: "the demo's recipe \(arm.rawValue)"))
        let job = try await JobDisplay(client, setting.terminal).show(queued.job.id)
        try job.requireSuccess()
        guard let model = job.model else {
            throw ControlError("demo.model", "job \(job.id) made no model")
        }
        let evaluation = try await client.send(
            EvaluateModel(model: model, dataset: arm.dataset.rawValue, split: "test", probes: false)
        )
        let log = try await metrics(of: job.id)
        return DemoResult(
            arm: arm, model: model, metrics: evaluation.metrics,
            confusion: try? evaluation.report["confusion"]?.decoded(as: DemoResult.Confusion.self),
            curve: log.curve, seconds: (ContinuousClock.now - start).seconds,
            samplesPerSecond: log.rate(batch: recipe.training.batch(for: arm.samples(setting))))
    }

    private func metrics(of job: String) async throws -> RunMetrics {
        let collector = LineCollector()
        try await client.lines(ReadJobMetrics(job, lines: 1_000_000)) { await collector.add($0) }
        return RunMetrics(lines: await collector.lines)
    }
}

private actor LineCollector {
    var lines: [String] = []
    func add(_ line: String) { lines.append(line) }
}

/// What a run wrote into metrics.jsonl.
struct RunMetrics {
    private(set) var curve: [DemoResult.CurvePoint] = []
    private var epochSeconds = 0.0

    init(lines: [String]) {
        for line in lines {
            guard
                let value = try? ControlJSON.decode(JSONValue.self, from: Data(line.utf8)),
                let step = value["step"]?.number, let loss = value["total"]?.number
            else { continue }
            curve.append(.init(step: step, loss: loss))
            epochSeconds += value["epoch_seconds"]?.number ?? 0
        }
    }

    /// Samples a second over all epochs; 0 where they were not timed.
    func rate(batch: Int) -> Double {
        epochSeconds > 0 ? Double(curve.count * batch) / epochSeconds : 0
    }
}
