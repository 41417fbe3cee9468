import Catalog
import Configuration
import Foundation

/// How a labels file's keys meet the samples, and what is odd about them.
enum LabelMatch {
    /// - Parameter keys: The samples' keys.
    static func problems(
        _ labels: DatasetLabels, keys: Set<String>, file: String
    ) -> [CatalogProblem] {
        guard !keys.isEmpty else { return [] }
        var problems: [CatalogProblem] = []
        let missed = labels.rows.keys.filter { !keys.contains($0) }.sorted()
        if !missed.isEmpty {
            let first = missed.prefix(3).map { "`\($0)`" }.joined(separator: ", ")
            let sample = keys.min().map { "`\($0)`" } ?? ""
            problems.append(
                CatalogProblem(
                    code: "labels.unmatched",
                    message:
                        "\(missed.count) of \(labels.rows.count) keys of \(file) are no sample's, such as "
                        + "\(first); samples are called like \(sample)",
                    hint: reason(missed, keys)
                        ?? "write into the key column what `distillctl samples list` shows as KEY"))
        }
        let unsaid = labels.hasSplits ? keys.filter { labels.rows[$0]?.split == nil } : []
        let learned = keys.contains { labels.rows[$0]?.split == "train" }
        // Where nobody is said to be learned from, all that is not said is.
        if !unsaid.isEmpty, learned {
            problems.append(
                CatalogProblem(
                    code: "labels.no_split",
                    message:
                        "\(unsaid.count) samples have no split in \(file), such as `\(unsaid.min() ?? "")`: they are "
                        + "learned from",
                    hint: "write `train`, or `guard` for what is to be used in no split"))
        }
        let splits = Set(keys.compactMap { labels.rows[$0]?.split })
        if labels.hasSplits, !splits.contains("test") {
            problems.append(
                CatalogProblem(
                    code: "labels.no_test",
                    message:
                        "the split column of \(file) leaves the test split empty: nothing can be measured",
                    hint: "mark some samples `test`, or remove `split` from [labels]"))
        }
        if labels.hasSplits, !splits.isEmpty, unsaid.isEmpty, !splits.contains("train") {
            problems.append(
                CatalogProblem(
                    code: "labels.no_train",
                    message:
                        "the split column of \(file) leaves the train split empty: nothing can be learned from",
                    hint: "mark some samples `train`, or remove `split` from [labels]"))
        }
        let names = Set(keys.compactMap { labels.rows[$0]?.label })
        let alike = Dictionary(grouping: names) {
            $0.lowercased().trimmingCharacters(in: .whitespaces)
        }.values.filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }
        if let first = alike.first {
            problems.append(
                CatalogProblem(
                    code: "labels.alike",
                    message:
                        "labels of \(file) differ in capital letters or spaces alone and count as different classes: "
                        + first.map { "`\($0)`" }.joined(separator: ", "),
                    hint: "write each class in one way"))
        }
        return problems
    }

    /// What keys and samples would agree in but for one thing.
    private static func reason(_ missed: [String], _ keys: Set<String>) -> String? {
        func agree(_ change: (String) -> String, _ other: (String) -> String = { $0 }) -> Bool {
            let known = Set(keys.map(other))
            return 2 * missed.count { known.contains(change($0)) } >= missed.count
        }
        func bare(_ key: String) -> String {
            String(key.dropLast(FileNames.endingAsWritten(key).count))
        }
        func number(_ key: String) -> String {
            let digits = key.drop { $0 == "0" }
            return digits.isEmpty ? "0" : String(digits)
        }
        func last(_ key: String) -> String { FileNames.last(of: key) }
        if agree(bare) { return "the keys carry a file's extension: remove it" }
        if agree(number, number) {
            return "the keys lack leading zeros, as a spreadsheet removes them"
        }
        if agree({ $0.lowercased() }, { $0.lowercased() }) {
            return "they differ in capital letters"
        }
        if agree({ last(bare($0)) }, last) || agree(last, last) {
            return "the folders differ: a sample's key is its path below the modality's folder"
        }
        return nil
    }
}
