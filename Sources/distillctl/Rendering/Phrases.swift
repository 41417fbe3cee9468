import Console
import ControlProtocol
import Foundation

/// Small texts that several commands print alike.
enum Phrases {
    /// How long ago something was: `3 min 05 s ago`.
    static func age(_ moment: Timestamp?) -> String? {
        guard let moment else { return nil }
        let seconds = Double(Timestamp.now.milliseconds - moment.milliseconds) / 1000
        return seconds < 1 ? "now" : "\(HumanUnits.duration(seconds: seconds)) ago"
    }

    /// How long something took, or has taken so far.
    static func span(_ start: Timestamp?, _ end: Timestamp?) -> String? {
        guard let start else { return nil }
        let end = end ?? .now
        return HumanUnits.duration(seconds: Double(end.milliseconds - start.milliseconds) / 1000)
    }

    /// `3 paired, 1 quarantined`, the greatest first.
    static func counts(_ counts: [String: Int], without left: Set<String> = []) -> String {
        let shown = counts.filter { $0.value > 0 && !left.contains($0.key) }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return shown.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    /// A metric's value: fractions with three places.
    static func metric(_ value: Double) -> String {
        value == value.rounded() && abs(value) >= 2
            ? HumanUnits.short(value) : HumanUnits.decimal(value, places: 3)
    }

    /// `accuracy 0.912, agreement 0.835`: those that people ask for first, as far as they are there.
    static func headline(_ metrics: [String: Double]) -> String {
        let order = ["accuracy", "agreement", "centred_cosine", "retrieval_at_1"]
        return order.compactMap { name in
            metrics[name].map { "\(name) \(metric($0))" }
        }.joined(separator: ", ")
    }

    /// Metrics one a line, aligned.
    static func metrics(_ metrics: [String: Double], _ terminal: Terminal) -> [String] {
        var fields = Fields()
        for name in MetricText.sorted(metrics.keys) {
            guard let value = metrics[name] else { continue }
            fields.add(name, name == "collapsed" ? (value > 0 ? "yes" : "no") : metric(value))
        }
        return fields.lines(terminal)
    }

    /// A text in lines of at most `width` columns, broken between words; nil: one line.
    static func wrapped(_ text: String, width: Int?, indent: Int = 0) -> [String] {
        let margin = String(repeating: " ", count: indent)
        guard let width else { return [margin + text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent + line.displayWidth + 1 + String(word).displayWidth > width {
                lines.append(margin + line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [margin + line]
    }

    static func count(_ number: Int, _ singular: String) -> String {
        "\(number) \(singular)\(number == 1 ? "" : "s")"
    }
}
