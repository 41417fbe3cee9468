/// What a data set's labels file says of each sample.
package struct DatasetLabels: Sendable, Equatable {
    /// One row.
    package struct Row: Sendable, Equatable {
        package var label: String?
        /// `train`, `test`, `validation` or `guard` (used in none); nil where the file does not say it.
        package var split: String?
        package var group: String?
        /// Every column but the key, by name, so that a recipe may choose another label.
        package var columns: [String: String]
    }

    /// Rows by the samples' keys.
    package let rows: [String: Row]
    /// Whether the file deals the samples out itself.
    package let hasSplits: Bool

    /// Reads a labels file.
    ///
    /// - Throws: `ConfigurationError` naming the line or the column.
    package init(csv: String, file: String, labels: DatasetManifest.Labels) throws {
        let table = try CSVTable(text: csv, file: file)
        func column(_ name: String?, _ key: String) throws -> Int? {
            guard let name, !name.isEmpty else { return nil }
            return try table.index(of: name, file: file, key: "labels.\(key)")
        }
        let key = try table.index(of: labels.key, file: file, key: "labels.key")
        let label = try column(labels.label, "label")
        let split = try column(labels.split, "split")
        let group = try column(labels.group, "group")
        for (index, name) in labels.attributes.enumerated() {
            _ = try column(name, "attributes[\(index + 1)]")
        }

        var rows: [String: Row] = [:]
        for (fields, line) in zip(table.rows, table.lines) {
            guard rows[fields[key]] == nil else {
                throw ConfigurationError(
                    .syntax, file: file, line: line,
                    message: "\(file), line \(line): the key `\(fields[key])` appears twice")
            }
            var columns: [String: String] = [:]
            for (index, name) in table.columns.enumerated() where index != key {
                columns[name] = fields[index]
            }
            rows[fields[key]] = Row(
                label: label.map { fields[$0] }.flatMap { $0.isEmpty ? nil : $0 },
                split: try split.flatMap { try Self.split(fields[$0], file: file, line: line) },
                group: group.map { fields[$0] }.flatMap { $0.isEmpty ? nil : $0 },
                columns: columns)
        }
        self.rows = rows
        hasSplits = split != nil
    }

    private static func split(_ text: String, file: String, line: Int) throws -> String? {
        if text.isEmpty { return nil }
        if text.lowercased() == "guard" { return "guard" }
        guard let split = split(named: text) else {
            throw ConfigurationError(
                .outOfRange, file: file, keyPath: "split", line: line,
                message: """
                    \(file), line \(line): found the split `\(text)`, expected `train`, `test`, \
                    `validation` or `guard`, which is used in none
                    """)
        }
        return split
    }

    /// The split that a word stands for, in a file or as a folder's name; nil for other words.
    package static func split(named word: String) -> String? {
        switch word.lowercased() {
        case "train", "training": "train"
        case "test", "testing": "test"
        case "val", "valid", "validation", "dev": "validation"
        default: nil
        }
    }
}
