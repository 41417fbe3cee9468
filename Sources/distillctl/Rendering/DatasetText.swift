import Console
import ControlProtocol

/// Data sets and samples as people read them.
enum DatasetText {
    static func table(_ datasets: [DatasetSummary], _ terminal: Terminal) -> Table {
        var table = Table([
            .init("NAME"), .init("STATE"), .init("LAYOUT"), .init("PAIRED", .right),
            .init("LABELLED", .right), .init("OTHER", shrinks: true),
            .init("PATH", shrinks: true),
        ])
        for dataset in datasets {
            let others = Phrases.counts(dataset.samples, without: ["paired", "total"])
            table.add([
                dataset.name, terminal.state(dataset.state), dataset.layout,
                String(dataset.samples["paired"] ?? 0), String(dataset.labelled),
                others.isEmpty ? nil : others, dataset.path,
            ])
        }
        return table
    }

    static func lines(_ dataset: DatasetSummary, _ terminal: Terminal) -> [String] {
        var fields = Fields()
        fields.add("name", dataset.name)
        fields.add(
            "state",
            terminal.state(dataset.state) + (dataset.reason.map { ": \($0)" } ?? ""))
        fields.add("folder", dataset.path)
        fields.add("layout", dataset.layout)
        fields.add("modalities", dataset.modalities.joined(separator: ", "))
        fields.add("samples", Phrases.counts(dataset.samples, without: ["total"]))
        fields.add("by split", splits(dataset))
        fields.add("labelled pairs", String(dataset.labelled))
        if !dataset.classes.isEmpty {
            let shown = dataset.classes.prefix(12).joined(separator: ", ")
            fields.add(
                "classes",
                "\(dataset.classes.count): \(shown)\(dataset.classes.count > 12 ? ", ..." : "")")
        }
        if let survey = dataset.survey {
            for line in SurveyText.lines(survey) { fields.add(line.modality, line.text) }
        }
        fields.add("added", Phrases.age(dataset.added))
        fields.add("scanned", Phrases.age(dataset.scanned))
        for warning in dataset.warnings {
            fields.add("warning", terminal.styled(warning, .yellow))
        }
        return fields.lines(terminal)
    }

    /// What a scan found, in one or two lines.
    static func summary(_ dataset: DatasetSummary, _ terminal: Terminal) -> [String] {
        let counts = Phrases.counts(dataset.samples, without: ["total"])
        var lines = [
            "\(terminal.styled(dataset.name, .bold)): \(counts.isEmpty ? "no samples" : counts)"
                + (dataset.labelled > 0 ? ", \(dataset.labelled) labelled" : "")
        ]
        if let splits = splits(dataset), (dataset.samples["paired"] ?? 0) > 0 {
            lines.append("  split: \(splits)")
        }
        if dataset.state != "ready" {
            lines.append(
                "it is \(terminal.state(dataset.state))" + (dataset.reason.map { ": \($0)" } ?? ""))
        }
        if (dataset.samples["quarantined"] ?? 0) > 0 {
            lines.append(
                "see why with: distillctl samples list --dataset \(dataset.name) "
                    + "--state quarantined")
        }
        if let survey = dataset.survey {
            lines += SurveyText.lines(survey).map { "  \($0.modality): \($0.text)" }
        }
        return lines + dataset.warnings.map { terminal.styled("warning: \($0)", .yellow) }
    }

    /// The shares of the splits, and how samples came to theirs.
    private static func splits(_ dataset: DatasetSummary) -> String? {
        let total = dataset.splits.values.reduce(0, +)
        guard total > 0 else { return nil }
        let order = ["train", "validation", "test", "guard"]
        let shares = dataset.splits.sorted {
            (order.firstIndex(of: $0.key) ?? 9, $0.key) < (
                order.firstIndex(of: $1.key) ?? 9, $1.key
            )
        }.map { "\($0.key) \($0.value) (\(SurveyText.percent(Double($0.value) / Double(total))))" }
        return shares.joined(separator: ", ") + (dataset.splitBy.map { ": \($0)" } ?? "")
    }

    static func table(_ samples: [SampleSummary], _ terminal: Terminal) -> Table {
        var table = Table([
            .init("ID", .right), .init("KEY", shrinks: true), .init("STATE"), .init("SPLIT"),
            .init("LABEL", shrinks: true), .init("FILES", shrinks: true),
            .init("REASON", shrinks: true),
        ])
        for sample in samples {
            let files = sample.files.keys.sorted().joined(separator: "+")
            table.add([
                String(sample.id), sample.key, terminal.state(sample.state), sample.split,
                sample.label, files.isEmpty ? nil : files, sample.reason,
            ])
        }
        return table
    }

    static func lines(_ sample: SampleSummary, _ terminal: Terminal) -> [String] {
        var fields = Fields()
        fields.add("sample", "\(sample.id), \(sample.key) of \(sample.dataset)")
        fields.add("state", terminal.state(sample.state))
        fields.add("reason", sample.reason.map { "\($0)\(sample.code.map { " (\($0))" } ?? "")" })
        fields.add("split", sample.split)
        fields.add("group", sample.group)
        fields.add("label", sample.label)
        for (name, value) in sample.attributes.sorted(by: { $0.key < $1.key })
        where !["split", "group", "label"].contains(name) {
            fields.add(name, value)
        }
        for (modality, file) in sample.files.sorted(by: { $0.key < $1.key }) {
            var text = "\(file.path), \(HumanUnits.bytes(Int(file.bytes)))"
            if let width = file.width, let height = file.height {
                text += ", \(width)x\(height)"
            }
            if let channels = file.channels, let bits = file.bitDepth {
                text += ", \(Phrases.count(channels, "channel")) of \(bits) bits"
            }
            for warning in file.warnings { text += "\n" + terminal.styled(warning, .yellow) }
            fields.add(modality, text)
        }
        return fields.lines(terminal)
    }
}
