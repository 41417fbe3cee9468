import ControlProtocol
import Distillation

/// Resolves a recipe and says what it would do, before anything runs.
struct PlanRole {
    let assignment: TrainAssignment
    let channel: WorkerChannel

    init(_ assignment: TrainAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    func run() throws -> WorkerReport {
        let plan = try JobPlan(TrainRole.request(assignment))
        return .finished(try JSONValue(encoding: plan))
    }
}
