/// A strict reader of one TOML table: every key is asked for by type and range, and what nobody
/// asked for is an error that names the nearest key somebody did ask for.
///
/// ```swift
/// let root = try ConfigurationTable(toml: text, file: "recipe.toml")
/// let training = try root.table("training")
/// let epochs = try training.integer("epochs", default: 10, in: 1...100_000)
/// try training.finish()
/// try root.finish()
/// ```
/// One reader is used by one thread, within one function; it is not Sendable.
package final class ConfigurationTable {
    /// The file as errors call it.
    package let file: String
    /// Where this table lies, as `training` or `objective[1]`; empty for the root.
    package let path: String
    /// Whether the file holds this table at all: a missing section reads as an empty one.
    package let isPresent: Bool
    let members: [String: ConfigurationValue]
    private(set) var asked: Set<String> = []
    private let parent: ConfigurationTable?

    /// Parses a document.
    ///
    /// - Throws: `ConfigurationError` with line and column where the text is no TOML.
    package convenience init(toml: String, file: String) throws {
        self.init(
            members: try ConfigurationValue.parse(toml, file: file), file: file, path: "",
            isPresent: true)
    }

    init(
        members: [String: ConfigurationValue], file: String, path: String, isPresent: Bool,
        parent: ConfigurationTable? = nil
    ) {
        self.members = members
        self.file = file
        self.path = path
        self.isPresent = isPresent
        self.parent = parent
    }

    /// The keys that the file gives here.
    package var keys: [String] { members.keys.sorted() }

    /// Whether the file gives `key` here; asking does not make it a known key.
    package func has(_ key: String) -> Bool { members[key] != nil }

    /// Whether the file gives a table at `key`; asking does not make it a known key.
    package func hasTable(_ key: String) -> Bool {
        if case .table? = members[key] { true } else { false }
    }

    /// The value of `key`, which is a known key from now on.
    func value(_ key: String) -> ConfigurationValue? {
        asked.insert(key)
        return members[key]
    }

    /// Refuses the keys that nothing has asked for, but for those that somebody else will.
    package func finish(allowing others: [String] = []) throws {
        let known = asked.union(others)
        if let stranger = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw unknownKey(stranger, known: known)
        }
    }

    // MARK: Errors

    /// `training.epochs`, `objective[1].weight`.
    package func keyPath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// An error about the value of `key`.
    package func error(
        _ code: ConfigurationError.Code = .outOfRange, at key: String, found: String? = nil,
        expected: String, hint: String = ""
    ) -> ConfigurationError {
        let found = found ?? members[key]?.found ?? "nothing"
        return ConfigurationError(
            code, file: file, keyPath: keyPath(key),
            message: "\(file): `\(keyPath(key))` is \(found), expected \(expected)", hint: hint)
    }

    /// An error about a key that is not there; where a mistyped one is, an error about that.
    package func missing(_ key: String, expected: String) -> ConfigurationError {
        let strangers = members.keys.filter { !asked.contains($0) }
        if let near = NearestKey.of(key, among: strangers) { return unknownKey(near, known: [key]) }
        if !isPresent, let parent, let section = path.split(separator: ".").last.map(String.init) {
            let sections = parent.members.keys.filter { !parent.asked.contains($0) }
            if let near = NearestKey.of(section, among: sections) {
                return parent.unknownKey(near, known: [section])
            }
        }
        return ConfigurationError(
            .missingKey, file: file, keyPath: keyPath(key),
            message: "\(file): `\(keyPath(key))` is missing, expected \(expected)",
            hint: path.isEmpty ? "add `\(key) = ...`" : "add `\(key) = ...` under [\(path)]")
    }

    private func unknownKey(_ key: String, known: Set<String>) -> ConfigurationError {
        var kind = "key `\(key)`"
        if case .table? = members[key] { kind = "section [\(keyPath(key))]" }
        let place = path.isEmpty ? file : "[\(path)] of \(file)"
        let nearest = NearestKey.of(key, among: known)
        return ConfigurationError(
            .unknownKey, file: file, keyPath: keyPath(key),
            message: "unknown \(kind) in \(place)",
            hint: nearest.map { "did you mean `\($0)`?" }
                ?? "known here: \(NearestKey.list(known))")
    }
}
