package import Foundation

/// A moment, written as ISO 8601 in UTC with milliseconds: `2026-03-01T12:00:00.250Z`.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970, the precision of the text.
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package init(_ date: Date) {
        milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    }

    /// Unix time in seconds.
    package init(seconds: Double) {
        milliseconds = Int64((seconds * 1000).rounded())
    }

    package static var now: Timestamp { Timestamp(Date()) }

    package var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

extension Timestamp: CustomStringConvertible {
    package var description: String {
        // The fraction is written by hand: a Date holds no exact milliseconds.
        let thousandths = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let (seconds, rest) =
            thousandths.remainder < 0
            ? (thousandths.quotient - 1, thousandths.remainder + 1000)
            : (thousandths.quotient, thousandths.remainder)
        let text = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        let digits = String(rest)
        let padded = String(repeating: "0", count: 3 - digits.count) + digits
        return "\(text.dropLast()).\(padded)Z"
    }

    /// Reads the text form, with or without fractions of a second.
    package init?(_ text: String) {
        if let date = try? Date(text, strategy: Timestamp.style) {
            self.init(date)
        } else if let date = try? Date(text, strategy: Date.ISO8601FormatStyle()) {
            self.init(date)
        } else {
            return nil
        }
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "`\(text)` is not an ISO 8601 time")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
