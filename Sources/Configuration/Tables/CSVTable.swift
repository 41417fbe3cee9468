/// A table of comma-separated values with a header row, read as RFC 4180 says: fields may stand in
/// double quotes, `""` is a quote, quoted fields may hold commas and line ends.
///
/// - Reference: Shafranovich 2005, RFC 4180.
package struct CSVTable: Sendable, Equatable {
    /// The names in the first row.
    package let columns: [String]
    /// The further rows, each as long as `columns`.
    package let rows: [[String]]
    /// The line on which each row begins, counted from 1.
    package let lines: [Int]

    /// Reads a table.
    ///
    /// - Throws: `ConfigurationError` with the line where a quote does not close, a row is longer or
    ///   shorter than the header, or a column's name appears twice.
    package init(text: String, file: String) throws {
        var scanner = CSVScanner(text: text, file: file)
        guard let header = try scanner.row() else {
            throw ConfigurationError(
                .syntax, file: file, line: 1,
                message: "\(file): found no rows, expected a header row with the columns' names")
        }
        var seen: Set<String> = []
        if let twice = header.fields.first(where: { !seen.insert($0).inserted }) {
            throw ConfigurationError(
                .syntax, file: file, line: header.line,
                message: "\(file), line \(header.line): column `\(twice)` appears twice")
        }
        var rows: [[String]] = []
        var lines: [Int] = []
        while let row = try scanner.row() {
            guard row.fields.count == header.fields.count else {
                throw ConfigurationError(
                    .syntax, file: file, line: row.line,
                    message: """
                        \(file), line \(row.line): found \(row.fields.count) fields, expected \
                        \(header.fields.count) as in the header
                        """,
                    hint: "fields that hold commas need double quotes")
            }
            rows.append(row.fields)
            lines.append(row.line)
        }
        columns = header.fields
        self.rows = rows
        self.lines = lines
    }

    /// Where the column `name` stands.
    package func index(of name: String, file: String, key: String) throws -> Int {
        if let index = columns.firstIndex(of: name) { return index }
        let nearest = NearestKey.of(name, among: columns)
        throw ConfigurationError(
            .missingKey, file: file, keyPath: key,
            message: "\(file): found no column `\(name)`, which `\(key)` of the manifest names",
            hint: nearest.map { "did you mean `\($0)`?" }
                ?? "its columns are \(NearestKey.list(columns))")
    }
}

/// Cuts a text into rows of fields.
private struct CSVScanner {
    private let bytes: [UInt8]
    private let file: String
    private var position = 0
    private var line = 1

    init(text: String, file: String) {
        var text = Substring(text)
        if text.unicodeScalars.first == "\u{FEFF}" {
            text = Substring(text.unicodeScalars.dropFirst())
        }
        bytes = Array(text.utf8)
        self.file = file
    }

    /// The next row that is not empty, or nil at the end.
    mutating func row() throws -> (fields: [String], line: Int)? {
        while position < bytes.count, isLineEnd(bytes[position]) { advance() }
        guard position < bytes.count else { return nil }
        let start = line
        var fields: [String] = []
        while true {
            fields.append(try field())
            guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { break }
            advance()
        }
        return (fields, start)
    }

    private mutating func field() throws -> String {
        var content: [UInt8] = []
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            while position < bytes.count, bytes[position] != UInt8(ascii: ","),
                !isLineEnd(bytes[position])
            {
                content.append(bytes[position])
                advance()
            }
            return String(decoding: content, as: UTF8.self)
        }
        let opening = line
        advance()
        while position < bytes.count {
            let byte = bytes[position]
            advance()
            guard byte == UInt8(ascii: "\"") else {
                content.append(byte)
                continue
            }
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                content.append(byte)
                advance()
            } else if position == bytes.count || bytes[position] == UInt8(ascii: ",")
                || isLineEnd(bytes[position])
            {
                return String(decoding: content, as: UTF8.self)
            } else {
                throw error(line, "found text behind a closing quote, expected a comma")
            }
        }
        throw error(opening, "found a quote that never closes")
    }

    private func isLineEnd(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }

    private mutating func advance() {
        if bytes[position] == 10 { line += 1 }
        position += 1
    }

    private func error(_ line: Int, _ what: String) -> ConfigurationError {
        ConfigurationError(
            .syntax, file: file, line: line, message: "\(file), line \(line): \(what)",
            hint: "write a quote inside a field twice")
    }
}
