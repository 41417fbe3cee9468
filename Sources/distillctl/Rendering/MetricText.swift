import Console
import ControlProtocol

/// Metrics as people read them, in the order in which they are asked for.
enum MetricText {
    /// Every metric of `evaluate`, see METRICS in distillctl(1); others, such as accuracy by attribute, follow.
    static let order = [
        "accuracy", "chance", "macro_f1", "calibration_error", "linear_probe", "ridge_probe",
        "nearest_neighbours", "flip_consistency", "agreement", "kappa", "kullback_leibler",
        "centred_cosine", "raw_cosine", "cka", "mutual_neighbours", "retrieval_at_1",
        "retrieval_chance_at_1", "retrieval_at_10", "retrieval_chance_at_10", "taught_accuracy",
        "taught_agreement", "mapped_retrieval_at_1", "mapped_retrieval_chance_at_1",
        "mapped_retrieval_at_10", "mapped_retrieval_chance_at_10", "effective_rank",
        "teacher_effective_rank", "fed_teacher_accuracy", "fed_teacher_agreement",
    ]

    /// Names in the order of ``order``, unknown ones behind accuracy by alphabet.
    static func sorted(_ names: some Sequence<String>) -> [String] {
        func rank(_ name: String) -> (Int, String) {
            if let place = order.firstIndex(of: name) { return (2 * place, name) }
            return (name.hasPrefix("accuracy.") ? 1 : 2 * order.count, name)
        }
        return names.sorted { rank($0) < rank($1) }
    }

    /// A value with its interval, one metric a line.
    static func table(
        _ metrics: [String: Double], _ intervals: [String: MetricInterval]
    ) -> Table {
        var table = Table([
            .init("METRIC", shrinks: true), .init("VALUE", .right), .init("95 % INTERVAL"),
        ])
        for name in sorted(metrics.keys) {
            table.add([
                name, metrics[name].map(Phrases.metric),
                intervals[name].map { range($0.low, $0.high) } ?? "",
            ])
        }
        return table
    }

    static func range(_ low: Double, _ high: Double) -> String {
        "\(Phrases.metric(low)) to \(Phrases.metric(high))"
    }

    /// Why metrics are missing: each reason once, with the metrics that it explains.
    static func leftOut(_ reasons: [String: String], _ terminal: Terminal) -> [String] {
        guard !reasons.isEmpty else { return [] }
        var groups: [(reason: String, names: [String])] = []
        for name in sorted(reasons.keys) {
            let reason = reasons[name] ?? ""
            if let place = groups.firstIndex(where: { $0.reason == reason }) {
                groups[place].names.append(name)
            } else {
                groups.append((reason, [name]))
            }
        }
        return terminal.heading("not measured")
            + groups.flatMap { group in
                Phrases.wrapped(
                    group.names.joined(separator: ", "), width: terminal.tableWidth)
                    + Phrases.wrapped(group.reason, width: terminal.tableWidth, indent: 2)
                    .map { terminal.styled($0, .dim) }
            }
    }

    /// An evaluation: figures, then what is missing.
    static func lines(_ reply: EvaluationReply, _ terminal: Terminal) -> [String] {
        var title = "\(reply.model) on \(reply.dataset), split \(reply.split)"
        func count(_ key: String) -> Int? { reply.report[key]?.number.map { Int($0) } }
        if let samples = count("samples") {
            title += ", " + Phrases.count(samples, "sample")
            if let labelled = count("labelled"), labelled != samples {
                title += " (\(labelled) labelled)"
            }
        }
        var lines = Phrases.wrapped(title, width: terminal.tableWidth)
            .map { terminal.styled($0, .bold) }
        if let known = count("probe_samples"), known > 0 {
            lines += Phrases.wrapped(
                "probes fitted to \(Phrases.count(known, "training sample"))",
                width: terminal.tableWidth
            ).map { terminal.styled($0, .dim) }
        }
        return lines + [""]
            + terminal.lines(table(reply.metrics, reply.intervals), empty: "nothing to measure")
            + leftOut(reply.leftOut, terminal)
    }
}
