import Console
import ControlProtocol
import Foundation

/// What a survey found, a line for each modality.
enum SurveyText {
    static func lines(_ survey: DatasetSurvey) -> [(modality: String, text: String)] {
        survey.modalities.map { ($0.modality, text($0)) }
    }

    private static func text(_ found: DatasetSurvey.Modality) -> String {
        var parts = [Phrases.count(found.files, "file") + " looked at"]
        if found.unreadable > 0 {
            parts[0] += ", \(found.unreadable) unreadable"
            if let reason = found.reason { parts[0] += " (\(reason))" }
        }
        if found.files > 0 { parts.append(most(found.formats) + " " + most(found.sizes)) }
        if !found.bitDepths.isEmpty { parts.append(most(found.bitDepths) + " bits") }
        let metres = found.figures.filter { $0.unit == "metres" }
        if !metres.isEmpty {
            let numbers = metres.map { number($0.value) }.joined(separator: " / ")
            parts.append("\(numbers) m (\(metres.map(\.name).joined(separator: " / ")))")
        }
        for figure in found.figures where figure.unit != "metres" {
            parts.append(
                figure.unit == "share"
                    ? "\(figure.name) \(percent(figure.value))"
                    : "\(figure.name) \(number(figure.value))"
                        + (figure.unit.isEmpty ? "" : " \(figure.unit)"))
        }
        return parts.joined(separator: "; ")
    }

    /// The most frequent value, and how many others there are.
    private static func most(_ counts: [DatasetSurvey.Count]) -> String {
        guard let first = counts.first else { return "-" }
        return counts.count == 1 ? first.what : "\(first.what) and \(counts.count - 1) more"
    }

    static func percent(_ share: Double) -> String {
        share > 0 && share < 0.005
            ? "below 1 %" : "\(Int((100 * share).rounded())) %"
    }

    static func number(_ value: Double) -> String {
        let digits = abs(value) < 10 ? 2 : abs(value) < 100 ? 1 : 0
        return String(format: "%.\(digits)f", value)
    }
}
