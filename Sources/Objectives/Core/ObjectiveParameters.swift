import Graphs

/// One parameter of an objective as a recipe gives it.
package enum ParameterValue: Sendable, Hashable {
    case number(Double)
    case text(String)
    case flag(Bool)
}

extension ParameterValue: CustomStringConvertible {
    package var description: String {
        switch self {
        case .number(let value): "\(value)"
        case .text(let value): "\"\(value)\""
        case .flag(let value): "\(value)"
        }
    }
}

/// Reads an objective's parameters by type and remembers which were known.
package struct ObjectiveParameters: Sendable {
    private let values: [String: ParameterValue]
    private(set) var known: [String] = []

    package init(_ values: [String: ParameterValue] = [:]) {
        self.values = values
    }

    /// A number within a range.
    ///
    /// - Throws: `ObjectiveError.parameter`.
    package mutating func number(
        _ name: String, default fallback: Double, in range: ClosedRange<Double>
    ) throws -> Double {
        known.append(name)
        guard let value = values[name] else { return fallback }
        guard case .number(let number) = value, range.contains(number) else {
            throw mismatch(
                name, value, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A whole number within a range.
    ///
    /// - Throws: `ObjectiveError.parameter`.
    package mutating func integer(
        _ name: String, default fallback: Int, in range: ClosedRange<Int>
    ) throws -> Int {
        known.append(name)
        guard let value = values[name] else { return fallback }
        guard case .number(let number) = value, let whole = Int(exactly: number),
            range.contains(whole)
        else {
            throw mismatch(
                name, value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return whole
    }

    /// A number above zero.
    package mutating func positive(_ name: String, default fallback: Double) throws -> Double {
        known.append(name)
        guard let value = values[name] else { return fallback }
        guard case .number(let number) = value, number > 0, number.isFinite else {
            throw mismatch(name, value, "a number above 0")
        }
        return number
    }

    package mutating func flag(_ name: String, default fallback: Bool) throws -> Bool {
        known.append(name)
        guard let value = values[name] else { return fallback }
        guard case .flag(let flag) = value else { throw mismatch(name, value, "true or false") }
        return flag
    }

    /// One of several words.
    package mutating func text(
        _ name: String, default fallback: String, among choices: [String]
    ) throws -> String {
        known.append(name)
        guard let value = values[name] else { return fallback }
        guard case .text(let text) = value, choices.contains(text) else {
            throw mismatch(name, value, "one of \(choices.joined(separator: ", "))")
        }
        return text
    }

    /// Refuses the keys that nothing has read.
    ///
    /// - Throws: `ObjectiveError.unknownParameter` with the nearest known key.
    func refuseUnread() throws {
        for name in values.keys.sorted() where !known.contains(name) {
            let near = NearestName.suggestions(for: name, among: known, limit: 1)
            let hint =
                if let nearest = near.first {
                    "; did you mean `\(nearest)`?"
                } else if known.isEmpty {
                    "; the method takes none"
                } else {
                    "; the method takes \(known.joined(separator: ", "))"
                }
            throw ObjectiveError(.unknownParameter, "unknown parameter `\(name)`\(hint)")
        }
    }

    private func mismatch(
        _ name: String, _ value: ParameterValue, _ expected: String
    ) -> ObjectiveError {
        ObjectiveError(.parameter, "parameter `\(name)` is \(value), expected \(expected)")
    }
}
