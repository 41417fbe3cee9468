import Console
import ControlProtocol

/// Models as people read them.
enum ModelText {
    static func table(_ models: [ModelSummary], _ terminal: Terminal) -> Table {
        var table = Table([
            .init("NAME", shrinks: true), .init("ARCHITECTURE", shrinks: true),
            .init("INPUT", shrinks: true), .init("CLASSES", .right), .init("PARAMETERS", .right),
            .init("TEACHER", shrinks: true), .init("DATASET", shrinks: true),
            .init("METRICS", shrinks: true), .init("ADDED", .right),
        ])
        for model in models {
            let headline = Phrases.headline(model.metrics)
            table.add([
                model.name, model.architecture ?? model.kind, input(model),
                String(model.classes.count), HumanUnits.short(Double(model.parameters)),
                model.teacher, model.dataset, headline.isEmpty ? nil : headline,
                Phrases.age(model.created),
            ])
        }
        return table
    }

    private static func input(_ model: ModelSummary) -> String {
        let encoding = model.encoding.flatMap { $0.isEmpty ? nil : "/\($0)" } ?? ""
        let size = model.inputSize > 0 ? " \(model.inputSize) px" : ""
        return model.modality + encoding + size
    }

    /// What happens to a byte.
    private static func values(_ preprocessing: ModelSummary.Preprocessing) -> String {
        func list(_ values: [Double]) -> String {
            Set(values).count == 1
                ? HumanUnits.plain(values[0])
                : values.map(HumanUnits.plain).joined(separator: " ")
        }
        let isByte = abs(preprocessing.scale * 255 - 1) < 1e-9
        let scale = isByte ? "1/255" : HumanUnits.plain(preprocessing.scale)
        return "\(preprocessing.channels), scale \(scale), mean \(list(preprocessing.mean)), std "
            + list(preprocessing.std)
    }

    /// How a picture is brought to the input's size.
    private static func pictures(
        _ preprocessing: ModelSummary.Preprocessing, _ model: ModelSummary
    ) -> String {
        let size =
            model.input.map { "\($0[0])x\($0[1])" } ?? "\(model.inputSize)x\(model.inputSize)"
        let crop =
            preprocessing.crop.map { ", a square of \(HumanUnits.plain($0)) of the shorter side" }
            ?? ", the whole picture"
        let order = model.isChannelsLast == true ? ", channels last" : ""
        return "\(size), \(preprocessing.resize)\(crop)\(order)"
    }

    /// What learns, costs or can be tapped; the rest only moves values about.
    static func layers(_ layers: [ModelLayer], _ terminal: Terminal) -> [String] {
        var table = Table([
            .init("NODE", shrinks: true), .init("OPERATION"), .init("SHAPE"),
            .init("PARAMETERS", .right), .init("MULTIPLY-ADDS", .right),
            .init("TAP", shrinks: true),
        ])
        for layer in layers
        where layer.parameters > 0 || layer.multiplyAdds > 0 || !layer.taps.isEmpty {
            table.add([
                layer.name, layer.operation, layer.shape.map(String.init).joined(separator: "x"),
                HumanUnits.short(Double(layer.parameters)),
                HumanUnits.short(Double(layer.multiplyAdds)), layer.taps.first,
            ])
        }
        guard !table.isEmpty else { return [] }
        return terminal.lines(table, empty: "") + [""]
    }

    static func lines(_ model: ModelSummary, _ terminal: Terminal) -> [String] {
        var fields = Fields()
        fields.add("name", model.name)
        fields.add("architecture", model.architecture ?? "\(model.kind) graph")
        fields.add("input", input(model))
        if let task = model.task {
            let output = model.output.map { " of the output `\($0)`" } ?? ""
            fields.add("answers", "\(task)\(output)")
        }
        fields.add("map", model.features)
        if let preprocessing = model.preprocessing {
            fields.add("preprocessing", values(preprocessing))
            fields.add("pictures", pictures(preprocessing, model))
        }
        fields.add(
            "size",
            "\(HumanUnits.short(Double(model.parameters))) parameters, "
                + "\(HumanUnits.short(Double(model.flops)))FLOP a picture")
        if !model.classes.isEmpty {
            let shown = model.classes.prefix(10).joined(separator: ", ")
            fields.add(
                "classes",
                "\(model.classes.count): \(shown)\(model.classes.count > 10 ? ", ..." : "")")
        }
        fields.add("teacher", model.teacher)
        fields.add("data set", model.dataset)
        fields.add("job", model.job)
        fields.add("formats", model.formats.joined(separator: ", "))
        fields.add("added", Phrases.age(model.created))
        fields.add("digest", model.digest)
        fields.add("folder", model.folder)
        var lines = fields.lines(terminal)
        lines += (model.notes ?? []).map { terminal.styled("note: \($0)", .yellow) }
        if !model.metrics.isEmpty {
            lines += terminal.heading("metrics") + Phrases.metrics(model.metrics, terminal)
        }
        return lines
    }
}
