/// Letters of three by five pixels: enough to label pictures, and no font has to be there.
enum PixelFont {
    static let width = 3, height = 5

    /// Rows of each glyph from the top, three bits each, the left pixel first.
    private static let glyphs: [Character: [UInt8]] = [
        "0": [7, 5, 5, 5, 7], "1": [2, 6, 2, 2, 7], "2": [7, 1, 7, 4, 7], "3": [7, 1, 3, 1, 7],
        "4": [5, 5, 7, 1, 1], "5": [7, 4, 7, 1, 7], "6": [7, 4, 7, 5, 7], "7": [7, 1, 2, 2, 2],
        "8": [7, 5, 7, 5, 7], "9": [7, 5, 7, 1, 7],
        "a": [2, 5, 7, 5, 5], "b": [6, 5, 6, 5, 6], "c": [3, 4, 4, 4, 3], "d": [6, 5, 5, 5, 6],
        "e": [7, 4, 6, 4, 7], "f": [7, 4, 6, 4, 4], "g": [3, 4, 5, 5, 3], "h": [5, 5, 7, 5, 5],
        "i": [7, 2, 2, 2, 7], "j": [1, 1, 1, 5, 2], "k": [5, 5, 6, 5, 5], "l": [4, 4, 4, 4, 7],
        "m": [5, 7, 7, 5, 5], "n": [6, 5, 5, 5, 5], "o": [2, 5, 5, 5, 2], "p": [6, 5, 6, 4, 4],
        "q": [2, 5, 5, 6, 3], "r": [6, 5, 6, 5, 5], "s": [3, 4, 2, 1, 6], "t": [7, 2, 2, 2, 2],
        "u": [5, 5, 5, 5, 7], "v": [5, 5, 5, 5, 2], "w": [5, 5, 7, 7, 5], "x": [5, 5, 2, 5, 5],
        "y": [5, 5, 2, 2, 2], "z": [7, 1, 2, 4, 7],
        ".": [0, 0, 0, 0, 2], ",": [0, 0, 0, 2, 4], "-": [0, 0, 7, 0, 0], "_": [0, 0, 0, 0, 7],
        "/": [1, 1, 2, 4, 4], ":": [0, 2, 0, 2, 0], "%": [5, 1, 2, 4, 5], "+": [0, 2, 7, 2, 0],
        "(": [1, 2, 2, 2, 1], ")": [4, 2, 2, 2, 4], "=": [0, 7, 0, 7, 0], " ": [0, 0, 0, 0, 0],
    ]
    private static let unknown: [UInt8] = [7, 5, 1, 2, 2]

    /// Whether each pixel of a character is set, row by row; capitals are written small.
    static func glyph(_ character: Character) -> [[Bool]] {
        let small = character.lowercased().first ?? character
        return (glyphs[small] ?? unknown).map { row in [4, 2, 1].map { row & $0 != 0 } }
    }
}
