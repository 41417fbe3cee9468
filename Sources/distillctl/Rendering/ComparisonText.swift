import Console
import ControlProtocol

/// A comparison of models as people read it.
struct ComparisonText {
    /// The columns, those that matter most first: the last give way where the terminal is narrow.
    private static let columns: [(metric: String, title: String)] = [
        ("accuracy", "ACCURACY"), ("agreement", "AGREEMENT"), ("centred_cosine", "COSINE"),
        ("retrieval_at_1", "R@1"), ("linear_probe", "PROBE"), ("nearest_neighbours", "KNN"),
        ("cka", "CKA"), ("flip_consistency", "FLIP"),
    ]

    let reply: ComparisonReply
    let terminal: Terminal
    /// The width to keep to; nil: as wide as needed.
    let width: Int?

    init(_ reply: ComparisonReply, _ terminal: Terminal, width: Int?) {
        self.reply = reply
        self.terminal = terminal
        self.width = width
    }

    static func lines(_ reply: ComparisonReply, _ terminal: Terminal) -> [String] {
        ComparisonText(reply, terminal, width: terminal.tableWidth).lines
    }

    var lines: [String] {
        let shown = shownColumns
        var title = "\(reply.models.count) models on \(reply.dataset), split \(reply.split)"
        let counts = Set(reply.models.map(\.samples))
        if let count = counts.first, counts.count == 1 {
            title += ", " + Phrases.count(count, "sample")
        }
        var lines = Phrases.wrapped(title, width: width).map { terminal.styled($0, .bold) }
        lines += [""] + models(shown).lines(width: width, colour: terminal.colour)
        lines += Phrases.wrapped(
            "+ and - : surely above or below \(reply.baseline) on the same samples",
            width: width
        ).map { terminal.styled($0, .dim) }
        let present = ComparisonText.present(in: reply).count
        if shown.count < present {
            lines.append(
                terminal.styled("\(present - shown.count) more columns: -o json", .dim))
        }
        return lines + differences(shown) + seeds + gap + missing
    }

    // MARK: Parts

    private static func present(
        in reply: ComparisonReply
    ) -> [(metric: String, title: String)] {
        columns.filter { column in reply.models.contains { $0.metrics[column.metric] != nil } }
    }

    private var shownColumns: [(metric: String, title: String)] {
        var shown = ComparisonText.present(in: reply)
        guard let width else { return shown }
        let name = min(16, reply.models.map(\.model.displayWidth).max() ?? 0)
        while shown.count > 1,
            shown.reduce(name, { $0 + 2 + max(6, $1.title.displayWidth) }) > width
        {
            shown.removeLast()
        }
        return shown
    }

    private func models(_ shown: [(metric: String, title: String)]) -> Table {
        var table = Table(
            [Table.Column("MODEL", shrinks: true)] + shown.map { .init($0.title, .right) })
        for entry in reply.models {
            table.add(
                [entry.model]
                    + shown.map { column in
                        entry.metrics[column.metric].map {
                            Phrases.metric($0) + mark(entry.model, column.metric)
                        } ?? "- "
                    })
        }
        return table
    }

    /// A space keeps the figures below each other.
    private func mark(_ model: String, _ metric: String) -> String {
        let found = reply.differences.first { $0.model == model && $0.metric == metric }
        guard let found, found.significant else { return " " }
        return found.difference > 0 ? "+" : "-"
    }

    private func differences(_ shown: [(metric: String, title: String)]) -> [String] {
        var table = Table([
            .init("MODEL", shrinks: true), .init("METRIC", shrinks: true),
            .init("DIFFERENCE", .right), .init("95 % INTERVAL"),
        ])
        for entry in reply.differences where shown.contains(where: { $0.metric == entry.metric }) {
            table.add([
                entry.model, entry.metric,
                ComparisonText.signed(entry.difference) + (entry.significant ? "*" : " "),
                ComparisonText.range(entry.low, entry.high),
            ])
        }
        guard !table.isEmpty else { return [] }
        return terminal.heading("differences to \(reply.baseline)")
            + table.lines(width: width, colour: terminal.colour)
            + [terminal.styled("* the interval leaves 0 out", .dim)]
    }

    private var seeds: [String] {
        reply.seeds.flatMap { group -> [String] in
            let seeds = group.seeds.map(String.init).joined(separator: ", ")
            let names = group.models.joined(separator: ", ")
            var table = Table([
                .init("METRIC", shrinks: true), .init("MEAN", .right), .init("95 % INTERVAL"),
            ])
            for (metric, _) in ComparisonText.columns {
                guard let found = group.metrics[metric] else { continue }
                let margin = (found.high - found.low) / 2
                table.add([
                    metric, Phrases.metric(found.mean),
                    "± \(Phrases.metric(margin)), \(Phrases.count(found.seeds, "seed"))",
                ])
            }
            var lines = ["", terminal.styled("one recipe, seeds \(seeds)", .bold)]
            lines += Phrases.wrapped(names, width: width)
            if !group.repeated.isEmpty {
                lines += Phrases.wrapped(
                    "not counted, their seed is there already: "
                        + group.repeated.joined(separator: ", "), width: width)
            }
            return lines + table.lines(width: width, colour: terminal.colour)
        }
    }

    private var gap: [String] {
        guard let few = reply.few, let oracle = reply.oracle else { return [] }
        let heading = terminal.heading("gap closed from \(few) to \(oracle)")
        var table = Table([
            .init("MODEL", shrinks: true), .init("GAP", .right), .init("95 % INTERVAL"),
        ])
        for gap in reply.gapClosed {
            table.add([
                gap.models.joined(separator: ", "), Phrases.metric(gap.value),
                gap.interval.map {
                    "\(MetricText.range($0.low, $0.high)), "
                        + Phrases.count(gap.models.count, "seed")
                } ?? "",
            ])
        }
        return heading
            + (table.isEmpty ? [] : table.lines(width: width, colour: terminal.colour))
            + (reply.leftOut["gap_closed"].map { Phrases.wrapped($0, width: width) } ?? [])
    }

    /// What each model lacks of the columns, with the reason.
    private var missing: [String] {
        let reasons = reply.models.flatMap { entry in
            MetricText.sorted(entry.leftOut.keys).compactMap { name -> String? in
                guard ComparisonText.columns.contains(where: { $0.metric == name }) else {
                    return nil
                }
                return entry.leftOut[name]
            }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
                .map { (entry.model, $0) }
        }
        guard !reasons.isEmpty else { return [] }
        return terminal.heading("not measured")
            + reasons.flatMap { model, reason in
                Phrases.wrapped("\(model): \(reason)", width: width)
                    .map { terminal.styled($0, .dim) }
            }
    }

    private static func signed(_ value: Double) -> String {
        (value < 0 ? "" : "+") + HumanUnits.decimal(value, places: 3)
    }

    private static func range(_ low: Double, _ high: Double) -> String {
        "\(signed(low)) to \(signed(high))"
    }
}
