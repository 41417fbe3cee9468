import Configuration
import ControlProtocol

/// What the demonstration found, as report.json holds it.
struct DemoReport: Sendable {
    let setting: DemoSetting
    let results: [DemoResult]
    let seconds: Double
    let machine: Machine
    /// The accuracy of guessing.
    let chance: Double
    let gates: [DemoGate]

    init(setting: DemoSetting, results: [DemoResult], seconds: Double, machine: Machine) {
        self.setting = setting
        self.results = results
        self.seconds = seconds
        self.machine = machine
        let chance = results.compactMap { $0.metrics["chance"] }.first ?? 0.1
        self.chance = chance
        gates = DemoGate.all(
            { arm, name in results.first { $0.arm == arm }?.metrics[name] }, chance: chance)
    }

    func result(_ arm: DemoArm) -> DemoResult? { results.first { $0.arm == arm } }

    /// Training samples a second of the distilled student.
    var samplesPerSecond: Double { result(.distilled)?.samplesPerSecond ?? 0 }

    /// Nested objects, fractions from 0 to 1.
    var json: JSONValue {
        var fewLabels = figures(.fewLabels)
        fewLabels["labels_per_class"] = .integer(Int64(DemoArm.labelsPerClass))
        return .object([
            "chance": .number(chance),
            "teacher": .object(figures(.teacher)),
            "student": .object([
                "distilled": .object(figures(.distilled)),
                "few_labels": .object(fewLabels),
                "oracle": .object(figures(.oracle)),
                "shuffled_pairs": .object(figures(.shuffled)),
                "colour": .object(figures(.colour)),
            ]),
            "colour_teacher": .object(figures(.colourTeacher)),
            "gates": .array(gates.map(\.json)),
            "passed": .bool(gates.allSatisfy(\.passed)),
            "seconds": .number(seconds),
            "samples_per_second": .number(samplesPerSecond),
            "seed": .integer(Int64(setting.seed)),
            "pairs": .integer(Int64(setting.pairs)),
            "epochs": .integer(Int64(setting.epochs)),
            "precision": .string(setting.precision.rawValue),
            "machine": machine.json,
        ])
    }

    /// An arm's metrics under their names in the report.
    private func figures(_ arm: DemoArm) -> [String: JSONValue] {
        guard let result = result(arm) else { return [:] }
        var figures: [String: JSONValue] = [
            "seconds": .number(result.seconds),
            "samples_per_second": .number(result.samplesPerSecond),
        ]
        for (name, value) in result.metrics where name != "chance" {
            switch name {
            case "accuracy.contradicting.1": figures["accuracy_contradicting"] = .number(value)
            case "accuracy.contradicting.0": figures["accuracy_consistent"] = .number(value)
            default: figures[name] = .number(value)
            }
        }
        return figures
    }
}
