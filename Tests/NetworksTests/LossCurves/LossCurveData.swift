import Graphs
import Tensors

/// Weights, images, labels and teacher's answers of the loss curves, drawn from names alone.
///
/// `Tests/Fixtures/loss_curve_reference.py` draws the same.
struct LossCurveData {
    private let reference: LossCurveReference
    private let prototypes: [Double]

    init(_ reference: LossCurveReference) {
        self.reference = reference
        prototypes = Self.symmetric(
            "prototypes", reference.classes * 3 * reference.size * reference.size)
    }

    /// The first values of all states: `DeterministicStates` with two exceptions that keep training smooth.
    ///
    /// The scale of each block's second normalisation begins at a fifth, the classifier at two fifths.
    static func states(of graph: Graph) -> [String: Tensor<Double>] {
        var states = DeterministicStates.all(of: graph)
        for name in states.keys where !name.hasPrefix("optimizer.") {
            if name.hasSuffix("bn2.weight") { states[name] = states[name]?.map { 0.2 * $0 } }
            if name == "fc.weight" { states[name] = states[name]?.map { 0.4 * $0 } }
        }
        return states
    }

    /// Images `[batch, 3, size, size]`, labels and, under the objectives' names, the teacher's answers.
    func feeds(step: Int) -> [String: Tensor<Double>] {
        let (batch, size) = (reference.batch, reference.size)
        let labels = Self.uniform("labels.\(step)", batch).map {
            Int($0 * Double(reference.classes))
        }
        let count = 3 * size * size
        var images = Self.symmetric("images.\(step)", batch * count)
        for index in images.indices {
            let prototype = prototypes[labels[index / count] * count + index % count]
            images[index] = 0.75 * prototype + 0.25 * images[index]
        }
        var feeds = answers(to: labels)
        var oneHot = Tensor<Double>(shape: [batch, reference.classes], repeating: 0)
        for (row, label) in labels.enumerated() { oneHot[row, label] = 1 }
        feeds["labels"] = oneHot
        feeds["image"] = Tensor(shape: [batch, 3, size, size], values: images)
        return feeds
    }

    private func answers(to labels: [Int]) -> [String: Tensor<Double>] {
        let (classes, channels) = (reference.classes, reference.teacherChannels)
        let logits = Self.symmetric("teacher.logits", classes * classes).map { 4 * $0 }
        let maps = Self.symmetric("teacher.features", classes * channels)
        func rows(_ table: [Double], _ width: Int) -> [Double] {
            labels.flatMap { table[$0 * width..<($0 + 1) * width] }
        }
        return [
            "teacher.logits": Tensor(
                shape: [labels.count, classes], values: rows(logits, classes)),
            "teacher.features": Tensor(
                shape: [labels.count, channels, 1, 1], values: rows(maps, channels)),
            "teacher.pooled": Tensor(
                shape: [labels.count, channels], values: rows(maps, channels)),
            "teacher.features.mean": Tensor(
                shape: [channels],
                values: Self.symmetric("teacher.features.mean", channels).map { 0.2 * $0 }),
            "teacher.features.std": Tensor(
                shape: [channels],
                values: Self.uniform("teacher.features.std", channels).map { 0.5 + 0.5 * $0 }),
        ]
    }

    private static func uniform(_ name: String, _ count: Int) -> [Double] {
        var generator = SeededGenerator(seed: 7, name: name)
        return (0..<count).map { _ in generator.uniform() }
    }

    private static func symmetric(_ name: String, _ count: Int) -> [Double] {
        uniform(name, count).map { 2 * $0 - 1 }
    }
}
