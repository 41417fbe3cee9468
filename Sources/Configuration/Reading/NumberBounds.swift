/// The numbers that a key accepts, with the words that an error uses for them.
package struct NumberBounds: Sendable {
    let words: String
    let contains: @Sendable (Double) -> Bool

    /// Any finite number.
    package static let any = NumberBounds(words: "a number") { _ in true }
    /// Numbers greater than `bound`.
    package static func above(_ bound: Double) -> NumberBounds {
        NumberBounds(words: "a number above \(short(bound))") { $0 > bound }
    }
    /// `bound` and more.
    package static func atLeast(_ bound: Double) -> NumberBounds {
        NumberBounds(words: "a number of at least \(short(bound))") { $0 >= bound }
    }
    /// Both bounds and what lies between.
    package static func within(_ range: ClosedRange<Double>) -> NumberBounds {
        NumberBounds(
            words: "a number from \(short(range.lowerBound)) to \(short(range.upperBound))"
        ) { range.contains($0) }
    }
    /// The lower bound and everything below the upper one.
    package static func within(_ range: Range<Double>) -> NumberBounds {
        NumberBounds(
            words: "a number from \(short(range.lowerBound)) to below \(short(range.upperBound))"
        ) { range.contains($0) }
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
    }
}
