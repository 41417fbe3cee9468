/// Checks what files import against the table of rooms.
struct ImportRules: Sendable {
    let table: RoomTable

    /// What every room may import.
    static let standard: Set<String> = [
        "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "RegexBuilder", "Swift",
        "Synchronization",
    ]

    /// Products that belong to certain rooms, whatever the table says.
    static func rooms(for product: String) -> ((RoomRow) -> Bool)? {
        switch product {
        case "GRDB": { $0.name == "Catalog" }
        case "TOMLKit": { $0.name == "Configuration" }
        case "SwiftProtobuf": { $0.name == "Interchange" }
        case "ArgumentParser": { $0.isProgram }
        case _ where product.hasPrefix("NIO"): { ["Daemon", "ControlClient"].contains($0.name) }
        default: nil
        }
    }

    /// Headers of foreign libraries and the one room that includes them.
    static let headers: [(prefix: String, room: String)] = [
        ("jpeglib.h", "CJPEG"), ("jerror.h", "CJPEG"), ("png.h", "CPNG"),
        ("cblas.h", "COpenBLAS"), ("lapack", "COpenBLAS"), ("oneapi/", "COneDNN"),
        ("dnnl", "COneDNN"), ("sqlite3.h", "none"), ("dlfcn.h", "none"),
    ]

    func violations(in files: [SourceFile]) -> [String] {
        let owners = headerOwners(files)
        return tableViolations()
            + files.flatMap { file -> [String] in
                guard let row = table.row(of: file.path) else {
                    return ["\(file.path) lies in no room"]
                }
                return file.isSwift
                    ? importViolations(file, row) + loaderViolations(file, row)
                    : includeViolations(file, row, owners)
            }
    }

    /// Products in rows that may not have them.
    private func tableViolations() -> [String] {
        table.rows.flatMap { row in
            row.products.compactMap { product in
                ImportRules.rooms(for: product).map { $0(row) } == false
                    ? "\(row.name) may not depend on \(product)" : nil
            }
        }
    }

    // MARK: Swift

    /// The modules that a file imports, with what stands before `import`.
    static func imports(of file: SourceFile) -> [(line: Int, module: String, modifiers: String)] {
        let pattern =
            /^\s*((?:@\w+(?:\([^)]*\))?\s+|public\s+|package\s+|internal\s+|fileprivate\s+|private\s+)*)import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)/
        return file.code.enumerated().flatMap { index, line -> [(Int, String, String)] in
            guard SourceFile.mentions("import", line) else { return [] }
            return line.split(separator: ";").compactMap { statement in
                statement.firstMatch(of: pattern).map {
                    (index + 1, String($0.2), String($0.1))
                }
            }
        }
    }

    private func importViolations(_ file: SourceFile, _ row: RoomRow) -> [String] {
        let allowed = ImportRules.standard.union(row.imports).union(row.products)
            .union(row.isTest ? ["Testing"] : [])
        return ImportRules.imports(of: file).flatMap { line, module, modifiers in
            var found: [String] = []
            if !allowed.contains(module) {
                found.append("\(file.path):\(line): \(row.name) may not import \(module)")
            } else if ImportRules.rooms(for: module).map({ $0(row) }) == false {
                found.append("\(file.path):\(line): \(module) does not belong into \(row.name)")
            }
            if modifiers.contains("@testable") {
                found.append("\(file.path):\(line): @testable; declare what is tested `package`")
            }
            return found
        }
    }

    /// Only `Modalities` loads libraries.
    private func loaderViolations(_ file: SourceFile, _ row: RoomRow) -> [String] {
        guard row.name != "Modalities" && row.name != "ModalitiesTests" else { return [] }
        return file.code.enumerated().compactMap { index, line -> String? in
            guard SourceFile.mentions("dl", line) else { return nil }
            return line.firstMatch(of: /\b(dl(?:open|sym))\b/).map {
                "\(file.path):\(index + 1): \($0.1) outside Modalities"
            }
        }
    }

    // MARK: C

    /// For each header of a C room, by its name, the rooms that have one.
    private func headerOwners(_ files: [SourceFile]) -> [String: Set<String>] {
        var owners: [String: Set<String>] = [:]
        for file in files where file.path.hasSuffix(".h") {
            guard let row = table.row(of: file.path),
                let name = file.path.split(separator: "/").last
            else { continue }
            owners[String(name), default: []].insert(row.name)
        }
        return owners
    }

    private func includeViolations(
        _ file: SourceFile, _ row: RoomRow, _ owners: [String: Set<String>]
    ) -> [String] {
        let reachable = Set(row.imports + [row.name])
        // The name of a quoted header is a literal, so the raw lines are read.
        return file.lines.enumerated()
            .compactMap { index, line -> String? in
                guard SourceFile.mentions("include", line),
                    let match = line.firstMatch(of: /^\s*#\s*include\s*[<"]([^>"]+)[>"]/)
                else {
                    return nil
                }
                let header = String(match.1)
                let place = "\(file.path):\(index + 1)"
                let name = header.split(separator: "/").last.map(String.init) ?? header
                if let rooms = owners[name], rooms.isDisjoint(with: reachable) {
                    return "\(place): \(row.name) may not include \(header) of \(rooms.sorted())"
                }
                let rule = ImportRules.headers.first { header.hasPrefix($0.prefix) }
                if let rule, rule.room != row.name {
                    return "\(place): \(header) does not belong into \(row.name)"
                }
                return nil
            }
    }
}
