import Foundation

/// Numbers as people read them, the same in every locale.
package enum HumanUnits {
    /// Bytes in binary units: `512 B`, `1.5 KiB`, `80.0 GiB`.
    package static func bytes(_ count: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        var value = Double(count)
        var unit = 0
        // 1023.95 would be shown as 1024.0.
        while abs(value) >= (unit == 0 ? 1024 : 1023.95), unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(count) B" : "\(decimal(value, places: 1)) \(units[unit])"
    }

    /// A duration in its two greatest units: `0.4 s`, `45 s`, `3 min 05 s`, `2 h 07 min`, `3 d 04 h`.
    package static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "-" }
        if seconds < 9.95 { return "\(decimal(seconds, places: 1)) s" }
        let whole = Int(seconds.rounded())
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60) min \(two(whole % 60)) s"
        case ..<86400: return "\(whole / 3600) h \(two(whole / 60 % 60)) min"
        default: return "\(whole / 86400) d \(two(whole / 3600 % 24)) h"
        }
    }

    /// A rate with three significant digits: `171/s`, `1.92k/s`.
    package static func rate(_ perSecond: Double, of unit: String = "") -> String {
        guard perSecond.isFinite, perSecond >= 0 else { return "-" }
        let name = unit.isEmpty ? "" : " \(unit)"
        return "\(short(perSecond))\(name)/s"
    }

    /// A count with three significant digits: `12`, `1.92k`, `31.0M`.
    package static func short(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let suffixes = ["", "k", "M", "G", "T"]
        var scaled = value
        var step = 0
        while abs(scaled) >= 999.5, step < suffixes.count - 1 {
            scaled /= 1000
            step += 1
        }
        if step == 0 && scaled == scaled.rounded() { return "\(Int(scaled))" }
        let places = abs(scaled) >= 99.95 ? 0 : abs(scaled) >= 9.995 ? 1 : 2
        return decimal(scaled, places: places) + suffixes[step]
    }

    /// A fraction as a percentage: `94.7 %`.
    package static func percent(_ fraction: Double) -> String {
        fraction.isFinite ? "\(decimal(fraction * 100, places: 1)) %" : "-"
    }

    /// A number in as few digits as say it: `0.001`, `30000`.
    package static func plain(_ value: Double) -> String {
        value.isFinite ? String(format: "%g", value) : "-"
    }

    /// A number with a fixed count of places: `0.912`.
    package static func decimal(_ value: Double, places: Int) -> String {
        value.isFinite ? String(format: "%.\(places)f", value) : "-"
    }

    private static func two(_ value: Int) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}
