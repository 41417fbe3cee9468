/// The order in which frames were recorded, as far as their keys tell.
enum FrameOrder {
    /// Whether one key comes before another: runs of digits by their value, all else by bytes.
    ///
    /// `frame-9` comes before `frame-10`; of equal values the shorter writing comes first.
    static func precedes(_ left: String, _ right: String) -> Bool {
        let (a, b) = (Array(left.utf8), Array(right.utf8))
        var (i, j) = (0, 0)
        while i < a.count, j < b.count {
            guard isDigit(a[i]), isDigit(b[j]) else {
                if a[i] != b[j] { return a[i] < b[j] }
                i += 1
                j += 1
                continue
            }
            let (first, second) = (digits(a, from: i), digits(b, from: j))
            if isFraction(a, i), isFraction(b, j) {
                if !first.elementsEqual(second) { return first.lexicographicallyPrecedes(second) }
                i += first.count
                j += second.count
                continue
            }
            let (x, y) = (first.drop { $0 == 0x30 }, second.drop { $0 == 0x30 })
            if x.count != y.count { return x.count < y.count }
            if !x.elementsEqual(y) { return x.lexicographicallyPrecedes(y) }
            i += first.count
            j += second.count
        }
        return a.count - i != b.count - j ? a.count - i < b.count - j : a.count < b.count
    }

    /// The folder of a key: all before the last `/`; empty where there is none.
    static func folder(of key: String) -> Substring {
        key.lastIndex(of: "/").map { key[..<$0] } ?? ""
    }

    /// Keys that were recorded one after the other, as far as they tell: of one folder, and alike up to the number
    /// at their end. Where that leaves only crumbs the whole folder counts as one sequence.
    static func sequences(_ keys: [String]) -> [[String]] {
        var sequences: [[String]] = []
        let folders = Dictionary(grouping: keys) { folder(of: $0) }
        for (_, keys) in folders.sorted(by: { $0.key < $1.key }) {
            let named = Dictionary(grouping: keys, by: name)
            let whole =
                keys.count < 8 * named.count
                ? [keys] : named.sorted { $0.key < $1.key }.map(\.value)
            sequences += whole.map { $0.sorted(by: precedes) }
        }
        return sequences
    }

    /// A key without the number at its end; a number may hold points, dashes and underscores, as times do.
    private static func name(_ key: String) -> Substring {
        var end = key.utf8.endIndex
        while end > key.utf8.startIndex {
            let before = key.utf8.index(before: end)
            let byte = key.utf8[before]
            guard isDigit(byte) || [0x2D, 0x2E, 0x5F].contains(byte) else { break }
            end = before
        }
        return key[..<end]
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Whether a run of digits stands behind a point that stands behind a digit.
    private static func isFraction(_ bytes: [UInt8], _ start: Int) -> Bool {
        start >= 2 && bytes[start - 1] == 0x2E && isDigit(bytes[start - 2])
    }

    private static func digits(_ bytes: [UInt8], from start: Int) -> ArraySlice<UInt8> {
        var end = start
        while end < bytes.count, isDigit(bytes[end]) { end += 1 }
        return bytes[start..<end]
    }
}
