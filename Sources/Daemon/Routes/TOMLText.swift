import ControlProtocol
import Foundation

/// Writes a JSON object as TOML, so that a recipe reads the same whichever way it came.
enum TOMLText {
    /// - Throws: `ControlError` for what TOML has no word for.
    static func of(_ members: [String: JSONValue]) throws -> String {
        var text = ""
        try write(members, path: [], to: &text)
        return text
    }

    private static func write(
        _ members: [String: JSONValue], path: [String], to text: inout String
    ) throws {
        // A section's own keys come before its subsections: afterwards they would belong to those.
        for (name, value) in members.sorted(by: { $0.key < $1.key }) where !isSection(value) {
            if value == .null { continue }
            text += "\(key(name)) = \(try inline(value, path + [name]))\n"
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let place = path + [name]
            let header = place.map { key($0) }.joined(separator: ".")
            switch value {
            case .object(let inner):
                text += "\n[\(header)]\n"
                try write(inner, path: place, to: &text)
            case .array(let elements) where isSection(value):
                for case .object(let inner) in elements {
                    text += "\n[[\(header)]]\n"
                    try write(inner, path: place, to: &text)
                }
            default: continue
            }
        }
    }

    private static func isSection(_ value: JSONValue) -> Bool {
        switch value {
        case .object: return true
        case .array(let elements):
            return !elements.isEmpty
                && elements.allSatisfy { if case .object = $0 { true } else { false } }
        default: return false
        }
    }

    private static func inline(_ value: JSONValue, _ path: [String]) throws -> String {
        switch value {
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return "\(value)"
        case .number(let value): return "\(value)"
        case .string(let value): return quoted(value)
        case .array(let elements):
            return "[" + (try elements.map { try inline($0, path) }).joined(separator: ", ") + "]"
        case .null, .object:
            throw ControlError(
                "recipe.wrong_type",
                "`\(path.joined(separator: "."))` cannot be written as TOML: it mixes tables, nulls "
                    + "and values")
        }
    }

    private static func key(_ name: String) -> String {
        let isBare =
            !name.isEmpty
            && name.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                    || $0 == "_" || $0 == "-"
            }
        return isBare ? name : quoted(name)
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
