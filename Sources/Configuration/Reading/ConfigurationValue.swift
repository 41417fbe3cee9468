import Foundation
import TOMLKit

/// One TOML value as a Swift value, so that nothing else has to know the parser.
package indirect enum ConfigurationValue: Sendable, Equatable {
    case string(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    /// A date, a time or both, as written.
    case moment(String)
    case array([ConfigurationValue])
    case table([String: ConfigurationValue])

    /// What it is and, where that is short, its value: `the string "ten"`.
    package var found: String {
        switch self {
        case .string(let value): "the string \"\(value.prefix(60))\""
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .boolean(let value): "\(value)"
        case .moment(let value): "the date \(value)"
        case .array(let values): "a list of \(values.count)"
        case .table: "a table"
        }
    }

    /// Parses a TOML document into its root table.
    static func parse(_ toml: String, file: String) throws -> [String: ConfigurationValue] {
        // The parser takes a C string: what follows a NUL would be lost without a word.
        if toml.utf8.contains(0) {
            let line = toml.utf8.prefix { $0 != 0 }.reduce(1) { $1 == 10 ? $0 + 1 : $0 }
            throw ConfigurationError(
                .syntax, file: file, line: line,
                message: "\(file), line \(line): found a NUL byte, expected TOML text",
                hint: "save the file as UTF-8 text")
        }
        do {
            return members(of: try TOMLTable(string: toml))
        } catch let error as TOMLParseError {
            let (line, column) = (error.source.begin.line, error.source.begin.column)
            throw ConfigurationError(
                .syntax, file: file, line: line, column: column,
                message: "\(file), line \(line), column \(column): \(error.description)",
                hint: "strings need quotes, keys are written `key = value`, sections `[name]`")
        }
    }

    private static func members(of table: TOMLTable) -> [String: ConfigurationValue] {
        var members: [String: ConfigurationValue] = [:]
        for key in table.keys {
            if let value = table[key] { members[key] = ConfigurationValue(value) }
        }
        return members
    }

    private init(_ value: any TOMLValueConvertible) {
        if let string = value.string {
            self = .string(string)
        } else if let integer = value.int {
            self = .integer(integer)
        } else if let number = value.double {
            self = .number(number)
        } else if let boolean = value.bool {
            self = .boolean(boolean)
        } else if let table = value.table {
            self = .table(Self.members(of: table))
        } else if let array = value.array {
            self = .array((0..<array.count).map { ConfigurationValue(array[$0]) })
        } else {
            self = .moment(value.debugDescription)
        }
    }
}

/// A value without structure: what goes to a plugin as an option or to an objective as a parameter.
package enum ConfigurationScalar: Sendable, Hashable, Codable {
    case string(String)
    case number(Double)
    case boolean(Bool)

    package var number: Double? { if case .number(let value) = self { value } else { nil } }
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
}
