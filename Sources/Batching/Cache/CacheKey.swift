import Digests
import Foundation

/// Names of cache folders: the data set for people, a digest of all that the content depends on.
enum CacheKey {
    static func name(of key: [String: String], dataset: String) -> String {
        let text = key.sorted { $0.key < $1.key }.map { "\($0.key)\u{0}\($0.value)\u{0}" }.joined()
        let digest = SHA256.hexadecimal(of: text).prefix(24)
        let safe = dataset.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : "_" }
        return String(safe) + "." + digest
    }
}

extension ContentDigest {
    /// A digest of two digests, for records that depend on both.
    package func combined(with other: ContentDigest) -> ContentDigest {
        guard other != self else { return self }
        func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
            let z = (a ^ (b << 1 | b >> 63)) &* 0xBF58_476D_1CE4_E5B9
            return (z ^ (z >> 31)) &+ b
        }
        return ContentDigest(
            words: (
                mix(words.0, other.words.0), mix(words.1, other.words.1),
                mix(words.2, other.words.2), mix(words.3, other.words.3)
            ))
    }
}
