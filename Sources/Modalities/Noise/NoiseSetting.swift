/// A number that says how much of one kind of noise a modality's sensor adds.
package struct NoiseSetting: Sendable, Hashable {
    package let name: String
    /// One sentence.
    package let summary: String
    /// What a recipe means that says only `noise = true`.
    package let usual: Double
    package let range: ClosedRange<Double>
}

/// A modality's noise as a run adds it: a number for each of the plugin's settings, in their order.
package struct ModalityNoise: Sendable, Hashable {
    /// By name, for whoever writes down what a run did.
    package let settings: [String: Double]
    let values: [Double]
}
