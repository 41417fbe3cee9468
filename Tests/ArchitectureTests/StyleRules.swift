/// What holds for every file, whatever it does.
enum StyleRules {
    static let longest = 400

    /// Files so long that nobody reads them. Generated ones are not read anyway.
    static func lengthViolations(in files: [SourceFile]) -> [String] {
        files.filter { !$0.isGenerated }.compactMap { file in
            let count = file.lines.count
            return count > longest + 1
                ? "\(file.path) has \(count) lines, more than \(longest)" : nil
        }
    }

    /// Traps and unfinished work outside of tests.
    static func trapViolations(in files: [SourceFile]) -> [String] {
        files.filter { $0.isSwift && $0.area != "Tests" && !$0.isGenerated }.flatMap { file in
            file.code.enumerated().compactMap { index, line -> String? in
                guard traps.contains(where: { SourceFile.mentions($0, line) }) else { return nil }
                return line.firstMatch(of: /\btry!|\bas!|\bfatalError\b/).map {
                    "\(file.path):\(index + 1): \($0.0); throw an error that says what to do"
                }
            }
        }
    }

    private static let traps: [StaticString] = ["try!", "as!", "fatal"]
    private static let notes: [StaticString] = ["TODO", "FIXME", "XXX", "HACK"]

    /// Notes to oneself. They stand in comments, so the raw text is read.
    static func noteViolations(in files: [SourceFile]) -> [String] {
        files.filter { $0.area != "Tests" && !$0.isGenerated }.flatMap { file in
            file.lines.enumerated()
                .compactMap { index, line -> String? in
                    guard notes.contains(where: { SourceFile.mentions($0, line) }) else {
                        return nil
                    }
                    return line.firstMatch(of: /\b(TODO|FIXME|XXX|HACK)\b/).map {
                        "\(file.path):\(index + 1): \($0.0); finish it or open an issue"
                    }
                }
        }
    }

    /// `@unchecked Sendable` without a comment nearby that says why it holds.
    static func uncheckedViolations(in files: [SourceFile]) -> [String] {
        files.filter { $0.isSwift && $0.area != "Tests" }.flatMap { file -> [String] in
            let raw = file.lines
            return file.code.enumerated().compactMap { index, line -> String? in
                guard SourceFile.mentions("@unchecked Sendable", line), index < raw.count else {
                    return nil
                }
                let near = raw[max(0, index - 8)...index]
                return near.contains { $0.contains("//") }
                    ? nil : "\(file.path):\(index + 1): @unchecked Sendable without a proof"
            }
        }
    }
}
