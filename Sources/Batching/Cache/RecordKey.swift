/// What a cached record belongs to: a file's content and the view that was taken of it.
package struct RecordKey: Sendable, Hashable {
    /// SHA-256 of the content.
    package let digest: ContentDigest
    /// Index of the view; `RecordKey.wholeFrame` for the uncropped, unflipped frame.
    package let view: UInt32

    package static let wholeFrame = UInt32.max
    /// The uncropped frame, left and right exchanged.
    package static let mirroredFrame = UInt32.max - 1

    /// Whether a view belongs to no schedule: it is taken and kept alone.
    package static func isFrame(_ view: UInt32) -> Bool { view >= mirroredFrame }

    package init(digest: ContentDigest, view: UInt32) {
        self.digest = digest
        self.view = view
    }
}

/// SHA-256 of a file's content, as four words.
package struct ContentDigest: Sendable, Hashable {
    package let words: (UInt64, UInt64, UInt64, UInt64)

    package init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// Reads 64 hexadecimal digits; nil if they are not that.
    package init?(hexadecimal text: String) {
        guard text.utf8.count == 64 else { return nil }
        var words: [UInt64] = []
        var rest = Substring(text)
        for _ in 0..<4 {
            guard let word = UInt64(rest.prefix(16), radix: 16) else { return nil }
            words.append(word)
            rest = rest.dropFirst(16)
        }
        self.words = (words[0], words[1], words[2], words[3])
    }

    package static func == (left: ContentDigest, right: ContentDigest) -> Bool {
        left.words == right.words
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}
