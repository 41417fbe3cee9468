package import Configuration
import Foundation

/// Why files of two modalities do not meet, from their keys alone.
package struct KeyDiagnosis: Sendable, Equatable {
    /// What the keys look like and how they differ.
    package var message: String
    /// What to do, where possible with the dataset.toml that mends it.
    package var hint: String

    /// - Parameters:
    ///   - keys: By modality, at least two of them, each with at least one key.
    ///   - manifest: What is read today.
    package init(keys: [String: [String]], manifest: DatasetManifest) {
        let names = keys.keys.sorted { ($0 == "rgb" ? 0 : 1, $0) < ($1 == "rgb" ? 0 : 1, $1) }
        let looks = names.map { name in
            let some = (keys[name] ?? []).sorted().prefix(2).map { "`\($0)`" }
            return
                "\(name) keys look like \(some.joined(separator: ", ")) (\(keys[name]?.count ?? 0))"
        }
        message = "no file of one modality has its partner: " + looks.joined(separator: ", ")
        hint =
            "pairs need equal keys: rename the files, or write a dataset.toml that says where they are"
        guard names.count == 2, let first = keys[names[0]], let second = keys[names[1]] else {
            return
        }
        if Self.meet(first, second, by: { $0.lowercased() }) {
            message += "; they differ in capital letters"
            hint = "rename the files of one modality"
        } else if let mended = Self.suffixes(names, first, second, manifest) {
            message += "; what stands before or behind the common part differs"
            hint = "write this dataset.toml into the folder:\n" + mended.toml
        } else if Self.meet(first, second, by: Self.withoutZeros) {
            message += "; they differ in zero padding"
            hint = "rename the files of one modality so that all numbers have as many digits"
        } else if let gap = Self.timeGap(first, second) {
            message += "; they are timestamps, and the nearest of the other lies "
            message += "\(String(format: "%.3f", gap)) s away (median)"
            hint =
                "the cameras ran apart: pair the frames by time first (as TUM's associate.py does) and give "
                + "both files of a pair one name"
        } else if Self.meet(first, second, by: Self.last) {
            message += "; the names are the same, the folders are not"
            hint = "give both modalities the same folders below their `path`"
        }
    }

    // MARK: Ways in which keys differ

    /// Whether at least half of the shorter list meets the other one after `change`.
    private static func meet(
        _ first: [String], _ second: [String], by change: (String) -> String
    ) -> Bool {
        let (left, right) = (Set(first.map(change)), Set(second.map(change)))
        return 2 * left.intersection(right).count >= max(1, min(left.count, right.count))
    }

    private static func last(_ key: String) -> String { FileNames.last(of: key) }

    /// The key with the leading zeros of its numbers removed.
    private static func withoutZeros(_ key: String) -> String {
        var result = ""
        var digits = ""
        func flush() {
            guard !digits.isEmpty else { return }
            let trimmed = digits.drop { $0 == "0" }
            result += trimmed.isEmpty ? "0" : trimmed
            digits = ""
        }
        for character in key {
            if character.isASCII, character.isNumber {
                digits.append(character)
            } else {
                flush()
                result.append(character)
            }
        }
        flush()
        return result
    }

    /// The median distance in seconds to the other list's nearest time, where both hold times.
    private static func timeGap(_ first: [String], _ second: [String]) -> Double? {
        func times(_ keys: [String]) -> [Double]? {
            let found = keys.compactMap { Double(last($0)) }.filter { $0 > 1e6 }
            return found.count == keys.count ? found.sorted() : nil
        }
        guard let left = times(first), let right = times(second) else { return nil }
        var place = 0
        let gaps = left.map { time in
            while place + 1 < right.count, abs(right[place + 1] - time) <= abs(right[place] - time)
            {
                place += 1
            }
            return abs(right[place] - time)
        }.sorted()
        return gaps[gaps.count / 2]
    }

    /// The manifest under which the keys meet once what all of a modality begin or end with is cut off.
    private static func suffixes(
        _ names: [String], _ first: [String], _ second: [String], _ manifest: DatasetManifest
    ) -> DatasetManifest? {
        let parts = [Affixes(of: first), Affixes(of: second)]
        guard parts.contains(where: { !$0.prefix.isEmpty || !$0.suffix.isEmpty }),
            meet(
                first.map { "0" + parts[0].cut($0) }, second.map { "1" + parts[1].cut($0) },
                by: { String($0.dropFirst()) })
        else { return nil }
        var mended = manifest
        mended.layout = "suffix"
        for (index, name) in names.enumerated() {
            guard let place = mended.modalities.firstIndex(where: { $0.name == name }) else {
                return nil
            }
            let ending = FileNames.endingAsWritten(mended.modalities[place].pattern)
            guard !ending.isEmpty else { return nil }
            mended.modalities[place].pattern =
                parts[index].prefix + "*" + parts[index].suffix + ending
        }
        return mended
    }
}

/// What all keys of a modality begin and end with, but for digits, within their last part.
private struct Affixes {
    let prefix: String
    let suffix: String

    init(of keys: [String]) {
        let names = keys.map { FileNames.last(of: $0) }
        func common(_ texts: [String]) -> String {
            guard var shared = texts.first else { return "" }
            for text in texts { shared = shared.commonPrefix(with: text) }
            // A number's first digits belong to the number.
            while let end = shared.last, end.isNumber || end == "." { shared.removeLast() }
            return shared
        }
        let shortest = names.map(\.count).min() ?? 0
        prefix = names.count > 1 ? common(names) : ""
        let back = names.count > 1 ? common(names.map { String($0.reversed()) }) : ""
        suffix = prefix.count + back.count < shortest ? String(back.reversed()) : ""
    }

    /// A key without them.
    func cut(_ key: String) -> String {
        let folder = key.contains("/") ? FileNames.parent(of: "/" + key) + "/" : ""
        return folder + FileNames.last(of: key).dropFirst(prefix.count).dropLast(suffix.count)
    }
}
