/// One row of the manifest's table: a room, where it lies and what it may import.
struct RoomRow: Sendable, Hashable {
    var name: String
    /// The function that makes the row: `room`, `c`, `system`, `plugin`, `program`, `tests` or `Room`.
    var kind: String
    var folder: String
    var imports: [String]
    /// Products of other packages.
    var products: [String]

    var isTest: Bool { folder.hasPrefix("Tests/") }
    var isProgram: Bool { kind == "program" }
}

/// The table `rooms` of Package.swift, read from its text.
struct RoomTable: Sendable {
    var rows: [RoomRow]

    init(rows: [RoomRow]) {
        self.rows = rows
    }

    /// - Parameter manifest: the text of Package.swift.
    init(manifest: String) throws {
        var products: [String: String] = [:]
        for match in manifest.matches(of: /let (\w+) = product\("([^"]+)"/) {
            products[String(match.1)] = String(match.2)
        }
        guard let start = manifest.firstRange(of: "let rooms: [Room] = [") else {
            throw RoomTableError("the manifest has no line `let rooms: [Room] = [`")
        }
        let body = try RoomTable.bracketed(manifest[start.upperBound...], open: "[", close: "]")
        rows = []
        var rest = body[...]
        while let call = rest.firstMatch(of: /(?m)^\s*(\w+)\(/) {
            let arguments = try RoomTable.bracketed(
                rest[call.range.upperBound...], open: "(", close: ")")
            rows.append(try RoomTable.row(String(call.1), arguments, products))
            rest = rest[rest.index(call.range.upperBound, offsetBy: arguments.count)...]
        }
    }

    /// The text up to the bracket that closes the one just before it.
    private static func bracketed(
        _ text: Substring, open: Character, close: Character
    ) throws -> String {
        var depth = 1
        var result = ""
        for character in text {
            if character == open { depth += 1 }
            if character == close { depth -= 1 }
            if depth == 0 { return result }
            result.append(character)
        }
        throw RoomTableError("a \(open) is never closed")
    }

    private static func row(
        _ kind: String, _ arguments: String, _ products: [String: String]
    ) throws -> RoomRow {
        func list(_ label: String) -> String {
            guard let match = arguments.firstMatch(of: try! Regex("\(label): \\[([^\\]]*)\\]")),
                let content = match.output[1].substring
            else { return "" }
            return String(content)
        }
        func text(_ label: String) -> String? {
            arguments.firstMatch(of: try! Regex("\(label): \"([^\"]+)\""))?.output[1].substring
                .map(String.init)
        }
        guard let first = arguments.firstMatch(of: /"([^"]+)"/) else {
            throw RoomTableError("a row \(kind)(...) has no name")
        }
        let name = String(first.1)
        let folder =
            switch kind {
            case "plugin": "Plugins/\(text("folder") ?? name)"
            case "tests": "Tests/\(name)Tests"
            default: text("path") ?? "Sources/\(name)"
            }
        let packages = try list("packages").matches(of: /\w+/).map { match in
            guard let product = products[String(match.0)] else {
                throw RoomTableError("\(name) uses \(match.0), which is no product")
            }
            return product
        }
        return RoomRow(
            name: kind == "tests" ? "\(name)Tests" : name, kind: kind, folder: folder,
            imports: list("imports").matches(of: /"([^"]+)"/).map { String($0.1) },
            products: packages)
    }

    /// The room that a file lies in.
    func row(of path: String) -> RoomRow? {
        rows.first { path.hasPrefix($0.folder + "/") }
    }

    func row(named name: String) -> RoomRow? {
        rows.first { $0.name == name }
    }

    /// What is wrong with the table itself: arrows turn, point nowhere or into tests and programs.
    ///
    /// A room may import only rooms above it, so that no cycle can arise.
    func violations() -> [String] {
        var above: Set<String> = []
        var found: [String] = []
        for row in rows {
            if above.contains(row.name) { found.append("\(row.name) stands in the table twice") }
            for name in row.imports {
                guard let target = self.row(named: name) else {
                    found.append("\(row.name) imports \(name), which is no room")
                    continue
                }
                if target.isTest || target.isProgram || target.kind == "plugin" {
                    found.append("\(row.name) imports \(name), which nothing may import")
                } else if !above.contains(name) {
                    found.append("\(row.name) imports \(name), which does not stand above it")
                }
            }
            above.insert(row.name)
        }
        return found
    }
}

struct RoomTableError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
