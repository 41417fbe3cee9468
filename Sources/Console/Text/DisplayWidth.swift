extension Character {
    /// How many terminal cells the character takes: 0, 1 or 2.
    var displayWidth: Int {
        guard let first = unicodeScalars.first else { return 0 }
        let properties = first.properties
        switch properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark, .lineSeparator,
            .paragraphSeparator:
            return 0
        default: break
        }
        // A picture by default, or made one by the variation selector.
        if properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}") { return 2 }
        return Self.wideRanges.contains { $0.contains(first.value) } ? 2 : 1
    }

    /// The blocks whose characters are wide or full width.
    ///
    /// - Reference: Unicode Standard Annex 11, "East Asian width".
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF,
        0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
        0x1F900...0x1F9FF, 0x20000...0x2FFFD, 0x30000...0x3FFFD,
    ]
}

/// What a line on a terminal consists of.
enum LinePart: Equatable {
    case character(Character)
    /// An escape sequence, which takes no cell.
    case escape(String)

    /// The parts of a text; `ESC [ ... letter` counts as one escape.
    static func parts(of text: some StringProtocol) -> [LinePart] {
        var parts: [LinePart] = []
        var rest = Substring(text)
        while let first = rest.first {
            guard first == "\u{1B}" else {
                parts.append(.character(first))
                rest.removeFirst()
                continue
            }
            var sequence = String(rest.removeFirst())
            if rest.first == "[" {
                sequence.append(rest.removeFirst())
                while let next = rest.first {
                    sequence.append(rest.removeFirst())
                    if next.isASCII && (next.isLetter || next == "~") { break }
                }
            }
            parts.append(.escape(sequence))
        }
        return parts
    }

    var displayWidth: Int {
        switch self {
        case .character(let character): character.displayWidth
        case .escape: 0
        }
    }

    var text: String {
        switch self {
        case .character(let character): String(character)
        case .escape(let sequence): sequence
        }
    }
}

extension StringProtocol {
    /// How many terminal cells the text takes; escape sequences take none.
    package var displayWidth: Int {
        LinePart.parts(of: self).reduce(0) { $0 + $1.displayWidth }
    }

    /// The text cut to at most `width` cells, ending in `…` where something was cut.
    ///
    /// Escape sequences stay, so that a colour that was switched on is switched off again.
    package func truncated(toWidth width: Int) -> String {
        guard displayWidth > width else { return String(self) }
        guard width > 0 else { return "" }
        var kept = ""
        var used = 0
        var cut = false
        for part in LinePart.parts(of: self) {
            if case .escape = part {
                kept += part.text
            } else if !cut {
                if used + part.displayWidth > width - 1 {
                    kept += "…"
                    cut = true
                } else {
                    used += part.displayWidth
                    kept += part.text
                }
            }
        }
        return kept
    }

    /// The text filled with spaces to `width` cells; longer text stays.
    package func padded(toWidth width: Int, alignment: Alignment = .left) -> String {
        let missing = Swift.max(0, width - displayWidth)
        switch alignment {
        case .left: return self + String(repeating: " ", count: missing)
        case .right: return String(repeating: " ", count: missing) + self
        }
    }

    /// The text on one line, safe to show: control characters, also those of escape sequences from
    /// a file's name, become `?`.
    package var printable: String {
        String(
            map { character in
                let isControl = character.unicodeScalars.contains {
                    $0.properties.generalCategory == .control
                }
                return isControl ? "?" : character
            })
    }
}

/// On which side of a cell the text stands.
package enum Alignment: Sendable {
    case left, right
}
