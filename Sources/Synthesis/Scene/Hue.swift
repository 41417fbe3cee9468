/// The ten hues of the task `colour`: the wall's hue, independent of the shape.
package enum Hue: Int, CaseIterable, Sendable {
    case red, orange, yellow, lime, mint, cyan, azure, blue, violet, pink

    /// The label as it stands in labels.csv.
    package var name: String { "\(self)" }

    /// The hue's place on the colour circle, in turns.
    var turns: Double { Double(rawValue) / 10 }
}
