import Foundation

/// One file of the repository, by its path from the root.
struct SourceFile: Sendable {
    let path: String
    let text: String
    /// The lines without comments and without what stands in string literals.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        var scanner = CodeScanner(text)
        code = scanner.lines()
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isGenerated: Bool { path.contains("/Generated/") }
    /// `Sources`, `Plugins` or `Tests`.
    var area: String { String(path.prefix { $0 != "/" }) }
    /// Whether a line holds a text: a quick look before a regular expression.
    static func mentions(_ text: StaticString, _ line: some StringProtocol) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        let found = line.utf8.withContiguousStorageIfAvailable { bytes in
            guard bytes.count >= wanted.count else { return false }
            return (0...(bytes.count - wanted.count)).contains { start in
                bytes[start] == wanted[0]
                    && wanted.indices.allSatisfy { bytes[start + $0] == wanted[$0] }
            }
        }
        return found ?? line.contains(text.description)
    }

    /// The lines as they are.
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
}

/// Walks through Swift or C and leaves out comments and the insides of string literals.
private struct CodeScanner {
    private let bytes: [UInt8]
    private var position = 0
    private var result: [UInt8] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    mutating func lines() -> [String] {
        while position < bytes.count {
            let byte = bytes[position]
            if byte != UInt8(ascii: "/") && byte != UInt8(ascii: "\"") {
                result.append(byte)
                position += 1
            } else if starts("//") {
                while position < bytes.count, bytes[position] != newline { position += 1 }
            } else if starts("/*") {
                block()
            } else if starts("\"\"\"") {
                literal(closing: "\"\"\"")
            } else if starts("\"") {
                literal(closing: "\"")
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return result.split(separator: newline, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private let newline = UInt8(ascii: "\n")

    private func starts(_ text: StaticString) -> Bool {
        guard position + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { wanted in
            wanted.indices.allSatisfy { bytes[position + $0] == wanted[$0] }
        }
    }

    /// Steps over one byte and keeps its line break, so that lines keep their numbers.
    private mutating func step() {
        if bytes[position] == newline { result.append(newline) }
        position += 1
    }

    private mutating func block() {
        var depth = 0
        repeat {
            if starts("*/") {
                depth -= 1
                position += 2
            } else if starts("/*") {
                depth += 1
                position += 2
            } else {
                step()
            }
        } while position < bytes.count && depth > 0
    }

    private mutating func literal(closing: StaticString) {
        result += Array("\"\"".utf8)
        position += closing.utf8CodeUnitCount
        while position < bytes.count, !starts(closing) {
            if bytes[position] == UInt8(ascii: "\\") { position += 1 }
            if position < bytes.count { step() }
        }
        position += closing.utf8CodeUnitCount
    }
}

/// The files of the repository that this test belongs to.
enum SourceTree {
    /// The folder of Package.swift above this file.
    static var root: URL {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/",
            !FileManager.default.fileExists(
                atPath: folder.appending(path: "Package.swift").path)
        {
            folder.deleteLastPathComponent()
        }
        return folder
    }

    static func manifest() throws -> String {
        try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    }

    /// All Swift and C files of the rooms.
    static func files() throws -> [SourceFile] { try read.get() }

    private static let read = Result { try readFiles() }

    private static func readFiles() throws -> [SourceFile] {
        var files: [SourceFile] = []
        for area in ["Sources", "Plugins", "Tests"] {
            for name in try FileManager.default.subpathsOfDirectory(
                atPath: root.appending(path: area).path)
            {
                guard ["swift", "c", "h"].contains((name as NSString).pathExtension) else {
                    continue
                }
                let path = "\(area)/\(name)"
                let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
                files.append(SourceFile(path: path, text: text))
            }
        }
        return files
    }
}
