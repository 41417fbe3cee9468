package import CDistillPlugin

/// Reads a plugin's options; a key it does not know is an error that names the known ones.
package struct OptionReader {
    /// What kind of value a known key takes.
    package enum Kind: String {
        case string, number, boolean

        init?(_ kind: Int32) {
            switch UInt32(bitPattern: kind) {
            case DISTILL_OPTION_STRING.rawValue: self = .string
            case DISTILL_OPTION_NUMBER.rawValue: self = .number
            case DISTILL_OPTION_BOOLEAN.rawValue: self = .boolean
            default: return nil
            }
        }
    }

    private var strings: [String: String] = [:]
    private var numbers: [String: Double] = [:]
    private var booleans: [String: Bool] = [:]

    /// Takes the options and checks keys and kinds against `known`.
    ///
    /// - Throws: `option.unknown`, `option.kind`.
    package init(_ options: UnsafePointer<distill_options>?, known: [String: Kind]) throws {
        guard let options else { return }
        for item in UnsafeBufferPointer(start: options.pointee.items, count: options.pointee.count)
        {
            guard let text = item.name, let kind = Kind(item.kind) else {
                throw PluginFailure("option.kind", "an option has no name or an unknown kind")
            }
            let name = String(cString: text)
            guard let expected = known[name] else { throw Self.unknown(name, among: known) }
            guard kind == expected else {
                throw PluginFailure(
                    "option.kind",
                    "option `\(name)` is a \(kind.rawValue), expected a \(expected.rawValue)")
            }
            switch kind {
            case .string: strings[name] = item.string.map { String(cString: $0) } ?? ""
            case .number: numbers[name] = item.number
            case .boolean: booleans[name] = item.boolean != 0
            }
        }
    }

    /// The value of a key, or nil where it was not given.
    package func string(_ name: String) -> String? { strings[name] }
    /// The value of a key, or nil where it was not given.
    package func number(_ name: String) -> Double? { numbers[name] }
    /// The value of a key, or nil where it was not given.
    package func boolean(_ name: String) -> Bool? { booleans[name] }

    private static func unknown(_ name: String, among known: [String: Kind]) -> PluginFailure {
        let names = known.keys.sorted()
        let list = names.map { "`\($0)`" }.joined(separator: ", ")
        let nearest = names.min { distance($0, name) < distance($1, name) }
        let near = nearest.flatMap { distance($0, name) <= max(2, name.count / 3) ? $0 : nil }
        let question = near.map { "; did you mean `\($0)`?" } ?? ""
        let expected = names.isEmpty ? "it takes none" : "known are \(list)"
        return PluginFailure("option.unknown", "unknown option `\(name)`: \(expected)\(question)")
    }

    /// How many single-character edits turn one word into the other.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let cost = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(cost, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
