extension ConfigurationTable {
    // MARK: Strings

    /// The string at `key`, or nil where the key is absent.
    package func optionalString(_ key: String) throws -> String? {
        switch value(key) {
        case nil: nil
        case .string(let text): text
        default: throw error(.wrongType, at: key, expected: "a string in quotes")
        }
    }

    /// The string at `key`, or the default.
    package func string(_ key: String, default fallback: String) throws -> String {
        try optionalString(key) ?? fallback
    }

    /// The string at `key`, which must be there and not be empty.
    package func string(_ key: String, expected: String = "a string") throws -> String {
        guard let text = try optionalString(key) else { throw missing(key, expected: expected) }
        guard !text.isEmpty else {
            throw error(at: key, found: "empty", expected: expected)
        }
        return text
    }

    /// One of the strings that `Choice` lists, or the default.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, default fallback: Choice
    ) throws -> Choice {
        guard let text = try optionalString(key) else { return fallback }
        return try choice(text, at: key)
    }

    /// One of the strings that `Choice` lists; the key must be there.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String
    ) throws -> Choice {
        let names = Choice.allCases.map(\.rawValue)
        guard let text = try optionalString(key) else {
            throw missing(key, expected: NearestKey.list(names))
        }
        return try choice(text, at: key)
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String, at key: String
    ) throws -> Choice {
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        let hint = NearestKey.of(text, among: names).map { "did you mean `\($0)`?" } ?? ""
        throw error(at: key, expected: NearestKey.list(names), hint: hint)
    }

    // MARK: Numbers

    /// The integer at `key`, or nil where the key is absent.
    package func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        let words =
            range.upperBound == .max
            ? "an integer of at least \(range.lowerBound)"
            : "an integer from \(range.lowerBound) to \(range.upperBound)"
        switch value(key) {
        case nil: return nil
        case .integer(let number):
            guard range.contains(number) else { throw error(at: key, expected: words) }
            return number
        default: throw error(.wrongType, at: key, expected: words)
        }
    }

    /// The integer at `key`, or the default.
    package func integer(
        _ key: String, default fallback: Int, in range: ClosedRange<Int>
    ) throws -> Int {
        try optionalInteger(key, in: range) ?? fallback
    }

    /// The number at `key`, written with or without a fraction, or nil where the key is absent.
    package func optionalNumber(_ key: String, _ bounds: NumberBounds = .any) throws -> Double? {
        guard let value = value(key) else { return nil }
        return try number(value, at: key, bounds)
    }

    /// The number at `key`, or the default.
    package func number(
        _ key: String, default fallback: Double, _ bounds: NumberBounds = .any
    ) throws -> Double {
        try optionalNumber(key, bounds) ?? fallback
    }

    /// The number at `key`, which must be there.
    package func number(_ key: String, _ bounds: NumberBounds = .any) throws -> Double {
        guard let number = try optionalNumber(key, bounds) else {
            throw missing(key, expected: bounds.words)
        }
        return number
    }

    private func number(
        _ value: ConfigurationValue, at key: String, _ bounds: NumberBounds
    ) throws -> Double {
        let number: Double
        switch value {
        case .integer(let integer): number = Double(integer)
        case .number(let double): number = double
        default:
            throw error(.wrongType, at: key, found: value.found, expected: bounds.words)
        }
        guard number.isFinite, bounds.contains(number) else {
            throw error(at: key, found: value.found, expected: bounds.words)
        }
        return number
    }

    /// The boolean at `key`, or the default.
    package func boolean(_ key: String, default fallback: Bool) throws -> Bool {
        switch value(key) {
        case nil: fallback
        case .boolean(let flag): flag
        default: throw error(.wrongType, at: key, expected: "`true` or `false`, without quotes")
        }
    }

    // MARK: Lists

    /// The list of strings at `key`, or the default.
    ///
    /// - Parameter single: Whether a lone string stands for a list of one.
    package func strings(
        _ key: String, default fallback: [String] = [], single: Bool = false
    ) throws -> [String] {
        switch value(key) {
        case nil: return fallback
        case .string(let text) where single: return [text]
        case .array(let values):
            return try values.enumerated().map { index, value in
                if case .string(let text) = value { return text }
                throw error(
                    .wrongType, at: "\(key)[\(index + 1)]", found: value.found,
                    expected: "a string in quotes")
            }
        default:
            throw error(
                .wrongType, at: key,
                expected: (single ? "a string or " : "") + "a list of strings")
        }
    }

    /// The list of `count` numbers at `key`, or the default.
    package func numbers(
        _ key: String, count: Int, default fallback: [Double], _ bounds: NumberBounds = .any
    ) throws -> [Double] {
        guard let value = value(key) else { return fallback }
        guard case .array(let values) = value else {
            throw error(.wrongType, at: key, expected: "a list of \(count) numbers")
        }
        guard values.count == count else {
            throw error(at: key, expected: "a list of \(count) numbers")
        }
        return try values.enumerated().map { index, value in
            try number(value, at: "\(key)[\(index + 1)]", bounds)
        }
    }

    // MARK: Tables

    /// The section at `key`; an absent one reads as empty.
    package func table(_ key: String) throws -> ConfigurationTable {
        switch value(key) {
        case nil: return child([:], path: keyPath(key), isPresent: false)
        case .table(let members):
            return child(members, path: keyPath(key), isPresent: true)
        default: throw error(.wrongType, at: key, expected: "a section [\(keyPath(key))]")
        }
    }

    /// The list of sections at `key`, written `[[key]]`.
    package func tables(_ key: String) throws -> [ConfigurationTable] {
        guard let value = value(key) else { return [] }
        guard case .array(let values) = value else {
            throw error(.wrongType, at: key, expected: "sections written [[\(keyPath(key))]]")
        }
        return try values.enumerated().map { index, value in
            let place = "\(key)[\(index + 1)]"
            guard case .table(let members) = value else {
                throw error(
                    .wrongType, at: place, found: value.found,
                    expected: "a section written [[\(keyPath(key))]]")
            }
            return child(members, path: keyPath(place), isPresent: true)
        }
    }

    /// Every key that was not asked for so far, each a string, a number or a boolean.
    package func remainingScalars() throws -> [String: ConfigurationScalar] {
        var scalars: [String: ConfigurationScalar] = [:]
        for key in members.keys.sorted() where !asked.contains(key) {
            switch value(key) {
            case .string(let text): scalars[key] = .string(text)
            case .integer(let number): scalars[key] = .number(Double(number))
            case .number(let number) where number.isFinite: scalars[key] = .number(number)
            case .boolean(let flag): scalars[key] = .boolean(flag)
            default:
                throw error(
                    .wrongType, at: key, expected: "a string, a finite number, `true` or `false`")
            }
        }
        return scalars
    }

    private func child(
        _ members: [String: ConfigurationValue], path: String, isPresent: Bool
    ) -> ConfigurationTable {
        ConfigurationTable(
            members: members, file: file, path: path, isPresent: isPresent, parent: self)
    }
}
