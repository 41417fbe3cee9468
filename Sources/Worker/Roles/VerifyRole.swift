import ControlProtocol
import Foundation
import Modalities

/// Runs every check on one plugin, isolated in this process.
struct VerifyRole {
    let assignment: VerifyAssignment
    let channel: WorkerChannel

    init(_ assignment: VerifyAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    func run() throws -> WorkerReport {
        let checks = PluginVerifier(folder: assignment.path).run { check in
            channel.report(
                .log(
                    level: check.passed ? "info" : "error",
                    message: "\(check.passed ? "ok    " : "FAILED") \(check.name)"
                        + (check.detail.isEmpty ? "" : ": \(check.detail)")))
        }
        let passed = checks.allSatisfy(\.passed)
        return .finished(
            .object([
                "plugin": .string(assignment.path), "passed": .bool(passed),
                "checks": try JSONValue(encoding: checks),
            ]))
    }
}
