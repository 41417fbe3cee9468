/// A way to set text off, where the output shows colour.
package enum Style: Sendable, CaseIterable {
    case bold, dim, red, green, yellow, blue, cyan

    private var code: Int {
        switch self {
        case .bold: 1
        case .dim: 2
        case .red: 31
        case .green: 32
        case .yellow: 33
        case .blue: 34
        case .cyan: 36
        }
    }

    /// The text in this style, or as it is where colour is off.
    package func apply(to text: String, colour: Bool) -> String {
        colour && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// The style of a job's state.
    package static func state(_ name: String) -> Style? {
        switch name {
        case "running": .cyan
        case "succeeded", "paired", "ready": .green
        case "failed", "quarantined": .red
        case "queued", "paused", "rgb_only", "depth_only": .yellow
        case "cancelled", "removed": .dim
        default: nil
        }
    }
}
