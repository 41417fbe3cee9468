import ControlProtocol
import Distillation

/// Measures a model on a data set, with labels where there are any and against its teacher.
struct EvaluateRole {
    let assignment: EvaluateAssignment
    let channel: WorkerChannel

    init(_ assignment: EvaluateAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    func run() throws -> WorkerReport {
        let bench = try MeasurementBench(
            assignment.dataset, split: assignment.split, probes: assignment.probes,
            assignment.surroundings, channel)
        channel.report(.phase("evaluating"))
        let outcome = try bench.outcome(of: assignment.model, teacher: assignment.teacher)
        var members: [String: JSONValue] = [
            "model": .string(assignment.model.name), "dataset": .string(assignment.dataset.name),
            "split": .string(assignment.split), "samples": .integer(Int64(outcome.samples)),
            "labelled": .integer(Int64(outcome.labelled)),
            "probe_samples": .integer(Int64(outcome.probeSamples)),
            "metrics": .object(outcome.figures.mapValues { .number($0) }),
            "intervals": try JSONValue(encoding: outcome.intervals()),
            "left_out": .object(outcome.leftOut.mapValues { .string($0) }),
        ]
        if let confusion = outcome.confusion {
            members["confusion"] = try JSONValue(encoding: confusion)
        }
        return .finished(.object(members))
    }
}
