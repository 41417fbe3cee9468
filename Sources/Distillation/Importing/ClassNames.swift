import Foundation

/// The names of classes in the order of the scores, from whatever file people keep them in.
///
/// A name a line, with or without its index before it; a JSON list; a JSON object by index, also with the identifiers
/// of ImageNet (`{"0": ["n01440764", "tench"]}`); YAML as detectors' data files have it (`names:` with a list or a map).
/// Names that come twice are numbered apart.
package enum ClassNames {
    /// - Throws: `DistillationError` `import.classes`.
    package static func parse(_ text: String) throws -> [String] {
        var text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        text = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        let names = try names(text)
        if let blank = names.firstIndex(where: \.isEmpty) {
            throw refusal(
                "the name of class \(blank) is blank",
                "give each class a name: the order is that of the scores")
        }
        if let odd = names.firstIndex(where: {
            $0.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }) {
            throw refusal(
                "the name of class \(odd) holds a line break or another control character",
                "write each name on one line")
        }
        guard names.count >= 2 else {
            throw refusal(
                "it names \(names.count) classes",
                "a name a line, or a JSON list, in the order of the scores")
        }
        return apart(names)
    }

    private static func names(_ text: String) throws -> [String] {
        let start = text.first { !$0.isWhitespace }
        if start == "[" || start == "{" { return try json(text) }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        while lines.first?.hasPrefix("# ") == true { lines.removeFirst() }
        if let names = try yaml(lines) { return names }
        if let names = indexed(lines) { return names }
        return lines
    }

    private static func refusal(_ message: String, _ hint: String) -> DistillationError {
        DistillationError("import.classes", "--classes: \(message)", hint: hint)
    }

    // MARK: JSON

    private static func json(_ text: String) throws -> [String] {
        let found: Any
        do {
            found = try JSONSerialization.jsonObject(with: Data(text.utf8))
        } catch {
            let isPython = text.contains("'") || text.firstMatch(of: /[{,\s]\d+\s*:/) != nil
            throw isPython
                ? refusal(
                    "it is a Python dictionary or list and no JSON",
                    "in Python: `json.dump(classes, open(\"classes.json\", \"w\"))`")
                : refusal(
                    "it begins as JSON and is none: \(error.localizedDescription)", "mend the file")
        }
        if let list = found as? [Any] { return try list.map(name) }
        guard let object = found as? [String: Any] else {
            throw refusal("it is JSON of another form", "write a list of names")
        }
        // {"names": [...]}, {"id2label": {...}}
        for key in ["names", "classes", "labels", "id2label"]
        where object.count < 4 || key == "id2label" {
            if let list = object[key] as? [Any] { return try list.map(name) }
            if let inner = object[key] as? [String: Any] { return try byIndex(inner) }
        }
        return try byIndex(object)
    }

    /// By index, or by name with the index as value.
    private static func byIndex(_ object: [String: Any]) throws -> [String] {
        var places: [Int: String] = [:]
        for (key, value) in object {
            if let index = Int(key) {
                guard places[index] == nil else { throw twice(index) }
                places[index] = try name(value)
            } else if let index = value as? Int {
                guard places[index] == nil else { throw twice(index) }
                places[index] = key
            } else {
                throw refusal(
                    "the key `\(key)` is no index",
                    "write {\"0\": \"first\", \"1\": \"second\"} or a list")
            }
        }
        return try ordered(places)
    }

    private static func ordered(_ places: [Int: String]) throws -> [String] {
        let indices = places.keys.sorted()
        guard let first = indices.first, let last = indices.last, first == 0,
            last == indices.count - 1
        else {
            throw refusal(
                "its indices go from \(indices.first ?? 0) to \(indices.last ?? 0) for \(indices.count) names",
                "number the classes from 0 on without a gap, in the order of the scores")
        }
        return indices.map { places[$0] ?? "" }
    }

    private static func twice(_ index: Int) -> DistillationError {
        refusal("two classes have the index \(index)", "number each class once")
    }

    private static func name(_ value: Any) throws -> String {
        switch value {
        case let text as String: return text.trimmingCharacters(in: .whitespaces)
        case let number as Int: return String(number)
        // ["n01440764", "tench"]
        case let list as [Any]:
            if let last = list.last as? String { return last }
        case let object as [String: Any]:
            for key in ["name", "label", "class"] {
                if let text = object[key] as? String { return text }
            }
        default: break
        }
        throw refusal("\(value) is no name", "write each class's name as text")
    }

    // MARK: Lines

    /// `names:` with a list or a map below it or behind it; a plain list of dashes.
    private static func yaml(_ lines: [String]) throws -> [String]? {
        let start = lines.firstIndex {
            $0 == "names:" || $0.hasPrefix("names: [") || $0.hasPrefix("names: {")
        }
        let isList = !lines.isEmpty && lines.allSatisfy { $0.hasPrefix("- ") }
        guard let start = start ?? (isList ? -1 : nil) else { return nil }
        if start >= 0, lines[start] != "names:" {
            let inner = lines[start].dropFirst("names: [".count).dropLast()
                .split(separator: ",").map { bare(String($0)) }
            guard lines[start].hasPrefix("names: {") else { return inner }
            var places: [Int: String] = [:]
            for entry in inner {
                let parts = entry.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, let index = Int(bare(String(parts[0]))),
                    places[index] == nil
                else {
                    throw refusal(
                        "`\(entry)` is no index with a name", "write `names: {0: first, 1: second}`"
                    )
                }
                places[index] = bare(String(parts[1]))
            }
            return try ordered(places)
        }
        var places: [Int: String] = [:]
        var names: [String] = []
        for line in lines.dropFirst(start + 1).map(uncommented) {
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("- ") {
                names.append(bare(String(line.dropFirst(2))))
            } else if let colon = line.firstIndex(of: ":"), let index = Int(line[..<colon]) {
                guard places[index] == nil else { throw twice(index) }
                places[index] = bare(String(line[line.index(after: colon)...]))
            } else {
                break
            }
        }
        guard !places.isEmpty || !names.isEmpty else {
            throw refusal("`names:` is followed by no names", "write `- NAME` or `0: NAME` a line")
        }
        return places.isEmpty ? names : try ordered(places)
    }

    /// Without what YAML takes for a remark.
    private static func uncommented(_ line: String) -> String {
        guard let mark = line.range(of: " #") else { return line }
        return line[..<mark.lowerBound].trimmingCharacters(in: .whitespaces)
    }

    private static func bare(_ text: String) -> String {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        for quote in ["\"", "'"]
        where trimmed.count >= 2 && trimmed.hasPrefix(quote) && trimmed.hasSuffix(quote) {
            return String(trimmed.dropFirst().dropLast())
        }
        return trimmed
    }

    /// `index name`, `index,name`, `index: name`, or the name first, where all indices from 0 on are there.
    private static func indexed(_ lines: [String]) -> [String]? {
        var lines = lines
        // A header of such a table.
        if let first = lines.first?.lowercased(),
            [
                "index,name", "id,name", "index,label", "id,label", "class,name", "name,index",
                "name,id",
            ].contains(first)
        {
            lines.removeFirst()
        }
        guard lines.count >= 2 else { return nil }
        for isLeading in [true, false] {
            var places: [Int: String] = [:]
            for line in lines {
                let cut =
                    isLeading
                    ? line.firstIndex { [",", " ", "\t", ":", ";"].contains($0) }
                    : line.lastIndex { [",", " ", "\t", ":", ";"].contains($0) }
                guard let cut else { break }
                let (before, behind) = (line[..<cut], line[line.index(after: cut)...])
                let (number, name) = isLeading ? (before, behind) : (behind, before)
                guard let index = Int(number), places[index] == nil else { break }
                places[index] = bare(String(name))
            }
            guard places.count == lines.count else { continue }
            let first = places.keys.min() ?? 0
            // Some count from one.
            let shifted = Dictionary(
                uniqueKeysWithValues: places.map { ($0.key - first, $0.value) })
            guard first <= 1, let names = try? ordered(shifted) else { continue }
            // Where little is left to tell names apart by the number is a part of them: `Grade 3`, `10 euro`.
            if 10 * Set(names).count >= 9 * names.count { return names }
        }
        return nil
    }

    /// Numbers names apart that come twice.
    private static func apart(_ names: [String]) -> [String] {
        var taken = Set(names)
        var seen: Set<String> = []
        return names.map { name in
            guard !seen.insert(name).inserted else { return name }
            var number = 2
            while taken.contains("\(name) (\(number))") { number += 1 }
            let own = "\(name) (\(number))"
            taken.insert(own)
            return own
        }
    }
}
