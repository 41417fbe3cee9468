extension Metrics {
    /// How much of the way from few labels to all labels distillation went:
    /// `(distilled - few) / (oracle - few)`; nil where the oracle is no better than few labels.
    package static func gapClosed(distilled: Double, few: Double, oracle: Double) -> Double? {
        oracle > few ? (distilled - few) / (oracle - few) : nil
    }
}
