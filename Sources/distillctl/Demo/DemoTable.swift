import Console

/// The demonstration's figures on a terminal.
struct DemoTable {
    private let report: DemoReport

    init(_ report: DemoReport) {
        self.report = report
    }

    static let columns: [(title: String, metric: String)] = [
        ("accuracy", "accuracy"), ("misled", "accuracy.contradicting.1"),
        ("agreement", "agreement"), ("cosine", "centred_cosine"),
        ("R@1", "retrieval_at_1"),
    ]

    static func figure(_ value: Double?) -> String? {
        value.map { HumanUnits.decimal($0, places: 3) }
    }

    func lines(_ terminal: Terminal) -> [String] {
        var arms = Table(
            [.init("ARM", shrinks: true)]
                + DemoTable.columns.map { .init($0.title.uppercased(), .right) }
                + [.init("TIME", .right)])
        for result in report.results {
            arms.add(
                [result.arm.title]
                    + DemoTable.columns.map { DemoTable.figure(result.metrics[$0.metric]) }
                    + [HumanUnits.duration(seconds: result.seconds)])
        }
        var gates = Table([
            .init("GATE", shrinks: true), .init("MEASURED", .right), .init("BOUND", .right),
            .init(""),
        ])
        for gate in report.gates {
            gates.add([
                gate.name, DemoTable.figure(gate.value),
                DemoTable.figure(gate.bound).map { "\(gate.side.rawValue) \($0)" },
                gate.passed ? terminal.styled("pass", .green) : terminal.styled("FAIL", .red),
            ])
        }
        let total =
            "chance \(HumanUnits.decimal(report.chance, places: 3)), "
            + "\(HumanUnits.rate(report.samplesPerSecond, of: "training samples")), "
            + "\(HumanUnits.duration(seconds: report.seconds)) in all, seed \(report.setting.seed)"
        let note = "misled: accuracy where the colours suggest another class"
        return terminal.lines(arms, empty: "") + [terminal.styled(note, .dim), ""]
            + terminal.lines(gates, empty: "")
            + ["", total]
    }

    /// One line for an arm that is done.
    static func progress(_ result: DemoResult, _ terminal: Terminal) -> String {
        let accuracy = figure(result.metrics["accuracy"]) ?? "-"
        return "\(result.arm.rawValue.padded(toWidth: 20))  accuracy \(accuracy)  "
            + HumanUnits.duration(seconds: result.seconds).padded(
                toWidth: 12, alignment: .right)
            + "  " + terminal.styled(Sparkline.text(result.curve.map(\.loss), width: 30), .cyan)
    }
}
