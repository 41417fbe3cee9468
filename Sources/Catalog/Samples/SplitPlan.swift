import Foundation

/// How a data set's samples come to their splits.
package struct SplitPlan: Codable, Sendable, Equatable {
    package enum Rule: String, Codable, Sendable {
        /// A column of the labels file says it.
        case column
        /// Folders say it by their names: train, test, validation.
        case named
        /// Whole groups, as the manifest names them.
        case groups
        /// Whole scene folders.
        case folders
        /// Blocks of consecutive frames with a guard between them.
        case blocks
        /// Each sample by itself: what data sets have that were added before there were blocks.
        case keys
    }

    package var rule: Rule
    /// The part that the test split is to have, 0..<1.
    package var test: Double
    /// Whether a job has used the splits, so that they stay.
    package var isFixed = false
    /// Samples that were put into the split of others that hold an identical file.
    package var moved = 0
    /// Whether samples are there and none is held out although some were to be.
    package var isTestEmpty = false
    /// Samples that share a file with one of another split, which the labels file says.
    package var shared = 0

    package init(rule: Rule, test: Double, isFixed: Bool = false) {
        self.rule = rule
        self.test = test
        self.isFixed = isFixed
    }

    /// Whether the splits are dealt here and not by a labels file or groups.
    var isAutomatic: Bool { rule == .folders || rule == .blocks || rule == .keys }

    /// In words, for people.
    package var words: String {
        switch rule {
        case .column: "as the labels file says"
        case .named: "as the folders are called"
        case .groups: "whole groups, as dataset.toml or the labels file name them"
        case .folders: "whole scene folders"
        case .blocks:
            "blocks of consecutive frames; those between two blocks (`guard`) are used in neither"
        case .keys: "each sample by itself, as distilld did before it dealt blocks"
        }
    }

    /// What a person should know of it; `dataset` is the data set's name.
    package func remarks(dataset: String) -> [CatalogProblem] {
        var remarks: [CatalogProblem] = []
        if isTestEmpty {
            remarks.append(
                CatalogProblem(
                    code: "split.no_test",
                    message: "no sample is in the test split: nothing can be measured",
                    hint:
                        "name one in the labels file's split column, or raise `test` under [split]")
            )
        }
        if rule == .keys {
            remarks.append(
                CatalogProblem(
                    code: "split.neighbours",
                    message:
                        "neighbouring frames stand in train and test alike, so that test figures flatter",
                    hint:
                        "`distillctl datasets rescan \(dataset) --split` deals blocks of frames; models that were "
                        + "trained before have seen parts of the new test split"))
        }
        if shared > 0 {
            remarks.append(
                CatalogProblem(
                    code: "split.duplicates",
                    message:
                        "\(shared) samples of one split share an identical file with a sample of another",
                    hint: "mend the labels file's split column: test figures flatter"))
        }
        if moved > 0 {
            remarks.append(
                CatalogProblem(
                    code: "split.moved",
                    message:
                        "\(moved) samples hold a file that is identical to another sample's and were put into the "
                        + "same split"))
        }
        return remarks
    }
}

/// What a scan knows of how samples are to be split.
package struct SplitWish: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// The findings' splits are as a labels file says.
        case column
        /// The findings' splits are as their folders are called.
        case named
        /// The findings' splits follow from their groups.
        case groups
        /// The findings' splits are to be dealt.
        case automatic
    }

    package var kind: Kind
    package var test: Double

    package init(_ kind: Kind, test: Double) {
        self.kind = kind
        self.test = test
    }
}
