/// Writes TOML by hand: sections in the order given, every value spelled out.
struct TOMLWriter {
    private(set) var text = ""

    mutating func section(_ name: String) { open("[\(name)]") }
    mutating func element(_ name: String) { open("[[\(name)]]") }

    private mutating func open(_ header: String) {
        if !text.isEmpty { text += "\n" }
        text += header + "\n"
    }

    mutating func write(_ key: String, _ value: String) { line(key, Self.quoted(value)) }
    mutating func write(_ key: String, _ value: Int) { line(key, "\(value)") }
    mutating func write(_ key: String, _ value: Double) { line(key, "\(value)") }
    mutating func write(_ key: String, _ value: Bool) { line(key, "\(value)") }
    mutating func write(_ key: String, _ values: [String]) {
        line(key, "[" + values.map(Self.quoted).joined(separator: ", ") + "]")
    }
    mutating func write(_ key: String, _ values: [Double]) {
        line(key, "[" + values.map { "\($0)" }.joined(separator: ", ") + "]")
    }
    mutating func write(_ key: String, _ value: ConfigurationScalar) {
        switch value {
        case .string(let text): write(key, text)
        case .number(let number): write(key, number)
        case .boolean(let flag): write(key, flag)
        }
    }
    mutating func write(_ options: [String: ConfigurationScalar]) {
        for (key, value) in options.sorted(by: { $0.key < $1.key }) { write(key, value) }
    }

    private mutating func line(_ key: String, _ value: String) {
        text += "\(Self.key(key)) = \(value)\n"
    }

    /// A key, in quotes where it is not a bare one.
    static func key(_ key: String) -> String {
        let bare =
            !key.isEmpty
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        return bare ? key : quoted(key)
    }

    /// A basic string with what TOML wants escaped.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
