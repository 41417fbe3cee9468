/// What pictures hold, in their modality's unit, with 0 for no reading: of training, or of one that is looked at.
package struct InputStatistics: Sendable, Codable, Equatable {
    /// Fewer pixels than this share with a value are as good as none.
    package static let leastShare = 0.02

    /// The share of values that are not 0.
    package var filled: Double
    /// The 5 % and 95 % quantiles of the pictures' medians, of what is not 0.
    package var low: Double, high: Double
    /// Pictures that hold one value only, as a share.
    package var constant: Double

    /// - Parameter pictures: The values of each, in any order.
    package init(of pictures: [[Float]]) {
        var medians: [Float] = []
        var (filled, constant) = (0.0, 0.0)
        for values in pictures {
            let present = values.filter { $0 != 0 }.sorted()
            filled += Double(present.count) / Double(max(1, values.count))
            let spread = (values.max() ?? 0) - (values.min() ?? 0)
            constant += spread <= 1e-6 * max(1, abs(values.max() ?? 0)) ? 1 : 0
            if !present.isEmpty { medians.append(present[present.count / 2]) }
        }
        medians.sort()
        func quantile(_ q: Double) -> Double {
            medians.isEmpty ? 0 : Double(medians[Int(q * Double(medians.count - 1))])
        }
        (low, high) = (quantile(0.05), quantile(0.95))
        self.filled = filled / Double(max(1, pictures.count))
        self.constant = constant / Double(max(1, pictures.count))
    }

    /// What is odd about a picture for a student that has seen these; nil where nothing is.
    ///
    /// A picture whose median lies beyond the usual ones by more than half of them is not what was learned from.
    package func oddity(of picture: InputStatistics, unit: String) -> String? {
        func text(_ value: Double) -> String {
            let factor = abs(value) < 10 ? 100.0 : 10
            return "\((value * factor).rounded() / factor)"
        }
        // Where few readings were learned from, few are nothing odd.
        if picture.filled < min(Self.leastShare, filled / 2) {
            return "it is nearly empty: \(text(100 * picture.filled)) % of its values are readings"
        }
        if picture.constant > 0 { return "it holds one value only: \(text(picture.high)) \(unit)" }
        guard low > 0, picture.high > 1.5 * high || picture.low < low / 1.5 else { return nil }
        return
            "its median, \(text(picture.high)) \(unit), lies beyond what the student saw in training, "
            + "\(text(low)) to \(text(high)) \(unit)"
    }
}
