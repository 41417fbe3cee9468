import Console
import ControlProtocol

/// What a local worker says of single files.
enum PredictionText {
    static func lines(_ payload: JSONValue, _ terminal: Terminal) -> [String] {
        var table = Table([
            .init("FILE", shrinks: true), .init("CLASS"), .init("PROBABILITY", .right),
            .init("THEN", shrinks: true),
        ])
        var others: [String] = []
        if let warning = payload["warning"]?.string {
            others.append(terminal.styled("warning: \(warning)", .yellow))
        }
        for prediction in predictions(payload) {
            let file = prediction["file"]?.string ?? ""
            if let warning = prediction["warning"]?.string {
                others.append(terminal.styled("warning: \(file): \(warning)", .yellow))
            }
            if let error = prediction["error"]?.string {
                others.append(terminal.styled("\(file): \(error)", .red))
            } else if case .array(let classes)? = prediction["classes"] {
                let ranked = classes.map {
                    ($0["class"]?.string ?? "", $0["probability"]?.number ?? 0)
                }
                let then = ranked.dropFirst().prefix(3).map {
                    "\($0.0) \(HumanUnits.percent($0.1))"
                }
                table.add([
                    file, ranked.first?.0, ranked.first.map { HumanUnits.percent($0.1) },
                    then.joined(separator: ", "),
                ])
            } else if case .array(let embedding)? = prediction["embedding"] {
                let first = embedding.prefix(6).compactMap(\.number).map {
                    HumanUnits.decimal($0, places: 3)
                }
                others.append(
                    "\(file): \(embedding.count) features, \(first.joined(separator: " ")) ...; "
                        + "all with -o json")
            }
        }
        return (table.isEmpty ? [] : terminal.lines(table, empty: "")) + others
    }

    static func hasFailures(_ payload: JSONValue) -> Bool {
        predictions(payload).contains { $0["error"] != nil }
    }

    private static func predictions(_ payload: JSONValue) -> [JSONValue] {
        guard case .array(let values)? = payload["predictions"] else { return [] }
        return values
    }
}
