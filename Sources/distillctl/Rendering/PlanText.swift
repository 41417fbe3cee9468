import Console
import ControlProtocol

/// A worker's plan as people read it.
enum PlanText {
    static func lines(_ plan: JSONValue, _ terminal: Terminal) -> [String] {
        func number(_ key: String) -> Double { plan[key]?.number ?? 0 }
        func bytes(_ key: String) -> String { HumanUnits.bytes(Int(number(key))) }
        var lines = terminal.lines(layers(plan), empty: "no layers")
        var fields = Fields()
        fields.add(
            "student",
            "\(HumanUnits.short(number("parameters"))) parameters, "
                + "\(HumanUnits.short(2 * number("multiply_adds")))FLOP a picture")
        fields.add("encoding", plan["encoding"]?.string)
        fields.add(
            "samples", "\(Int(number("samples"))), \(Int(number("classes"))) classes")
        fields.add(
            "steps", "\(Int(number("steps"))), \(Int(number("steps_per_epoch"))) an epoch")
        fields.add("memory", "\(bytes("arena_bytes")) activations, \(bytes("state_bytes")) states")
        fields.add(
            "disk",
            "\(bytes("view_cache_bytes")) views, \(bytes("target_cache_bytes")) teacher, "
                + "of \(bytes("quota_bytes")) allowed")
        fields.add("teacher's answers", plan["targets"]?.string)
        fields.add("processor", plan["processor"]?.string)
        fields.add("computed in", plan["precision"]?.string)
        fields.add("teacher computed in", plan["teacher_precision"]?.string)
        lines += [""] + fields.lines(terminal)
        for key in ["summary", "warning"] {
            if let text = plan["teacher"]?[key]?.string { lines.append(text) }
        }
        if case .array(let objectives)? = plan["objectives"], !objectives.isEmpty {
            lines += terminal.heading("objectives") + objectives.flatMap(objective)
        }
        if case .array(let warnings)? = plan["dataset_warnings"] {
            lines += warnings.compactMap(\.string).map {
                terminal.styled("warning: \($0)", .yellow)
            }
        }
        if case .array(let notes)? = plan["notes"] {
            lines += notes.compactMap(\.string).map { terminal.styled("note: \($0)", .yellow) }
        }
        return lines
    }

    private static func layers(_ plan: JSONValue) -> Table {
        var table = Table([
            .init("LAYER", shrinks: true), .init("OPERATION"), .init("SHAPE"),
            .init("PARAMETERS", .right), .init("FLOP", .right),
        ])
        guard case .array(let layers)? = plan["student"] else { return table }
        for layer in layers {
            let parameters = layer["parameters"]?.number ?? 0
            let operations = 2 * (layer["multiply_adds"]?.number ?? 0)
            // What neither learns nor costs would only hide the rest.
            guard parameters > 0 || operations > 0 else { continue }
            table.add([
                layer["name"]?.string, layer["operation"]?.string, shape(layer["shape"]),
                HumanUnits.short(parameters), HumanUnits.short(operations),
            ])
        }
        return table
    }

    private static func shape(_ value: JSONValue?) -> String? {
        guard case .array(let extents)? = value else { return nil }
        return extents.compactMap(\.number).map { String(Int($0)) }.joined(separator: "x")
    }

    /// An objective: its weight, what it compares, what is averaged and what is trained for it alone.
    private static func objective(_ value: JSONValue) -> [String] {
        let weight = HumanUnits.plain(value["weight"]?.number ?? 0)
        var lines = ["\(value["objective"]?.string ?? ""), weight \(weight)"]
        for side in ["student", "teacher"] {
            guard case .object(let taps)? = value[side], !taps.isEmpty else { continue }
            let read = taps.sorted { $0.key < $1.key }.map { "\($0.key) \(shape($0.value) ?? "")" }
            lines.append("  reads the \(side)'s \(read.joined(separator: ", "))")
        }
        if case .array(let resizers)? = value["resizers"] {
            lines += resizers.map { resizer in
                "  averages the \(resizer["side"]?.string ?? "")'s \(resizer["tap"]?.string ?? "") from "
                    + "\(shape(resizer["from"]) ?? "") to \(shape(resizer["to"]) ?? "")"
            }
        }
        if case .object(let projectors)? = value["projectors"] {
            lines += projectors.sorted { $0.key < $1.key }.map {
                "  trains \($0.key) \(shape($0.value) ?? "")"
            }
        }
        return lines
    }
}
