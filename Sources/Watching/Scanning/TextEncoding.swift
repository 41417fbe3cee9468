import Configuration
import Foundation

/// Text files that people write: UTF-8, or refused with what they likely are.
enum TextEncoding {
    /// A file's text, a byte order mark left out.
    ///
    /// - Throws: `ConfigurationError` naming the line and the likely encoding.
    static func text(of data: Data, file: String) throws -> String {
        if let text = String(validating: data, as: UTF8.self) {
            return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        }
        let guess = likely(data)
        throw ConfigurationError(
            .syntax, file: file, line: line(of: data),
            message:
                "\(file), line \(line(of: data)): it is not UTF-8 text, but likely \(guess.name)",
            hint: "convert it: `iconv -f \(guess.code) -t UTF-8 labels.csv > new.csv`")
    }

    private static func likely(_ data: Data) -> (name: String, code: String) {
        if data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF]) {
            return ("UTF-16", "UTF-16")
        }
        // Windows puts quotes and the euro where ISO 8859-1 has nothing to see.
        return data.contains { (0x80..<0xA0).contains($0) }
            ? ("Windows-1252 (Western European)", "WINDOWS-1252")
            : ("ISO 8859-1 (Latin-1)", "ISO-8859-1")
    }

    /// The first line, counted from 1, that is no UTF-8.
    private static func line(of data: Data) -> Int {
        for (index, line) in data.split(separator: 0x0A, omittingEmptySubsequences: false)
            .enumerated()
        where String(validating: line, as: UTF8.self) == nil { return index + 1 }
        return 1
    }
}
