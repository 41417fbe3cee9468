import Foundation

/// A request line's target, taken apart.
struct RequestTarget: Equatable {
    var path: [String]
    var query: [String: String]

    init(_ uri: String) {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        // Split first, decode afterwards: an escaped slash belongs to its segment.
        path = (parts.first ?? "").split(separator: "/").map { RequestTarget.decoded($0) }
        query = [:]
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = RequestTarget.decoded(sides[0], plusIsSpace: true)
            query[name] = sides.count > 1 ? RequestTarget.decoded(sides[1], plusIsSpace: true) : ""
        }
    }

    private static func decoded(_ text: Substring, plusIsSpace: Bool = false) -> String {
        let text = plusIsSpace ? String(text.replacing("+", with: " ")) : String(text)
        return text.removingPercentEncoding ?? text
    }
}
