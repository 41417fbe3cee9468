import Foundation

/// Takes a sample's scene group from its key by a regular expression with one capture.
package struct GroupExpression: Sendable {
    // NSRegularExpression is immutable and documented to be safe to share between threads.
    private let expression: NSRegularExpression

    /// - Throws: Foundation's error where `pattern` is no regular expression.
    package init(_ pattern: String) throws {
        expression = try NSRegularExpression(pattern: pattern)
    }

    /// What the expression captures in `key`; the whole key where it does not match.
    package func group(of key: String) -> String {
        let range = NSRange(key.startIndex..., in: key)
        guard let match = expression.firstMatch(in: key, range: range), match.numberOfRanges > 1,
            let captured = Range(match.range(at: 1), in: key)
        else { return key }
        return String(key[captured])
    }

    static func captures(in pattern: String) throws -> Int {
        try NSRegularExpression(pattern: pattern).numberOfCaptureGroups
    }
}
