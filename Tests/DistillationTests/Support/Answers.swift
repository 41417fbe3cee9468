import Batching
import Distillation
import Evaluation
import Tensors

/// Answers without a model: what metrics are computed from.
enum Answers {
    /// Samples `first...`, of which every third has no label where `gaps`.
    static func samples(
        _ count: Int, classes: Int, first: Int64 = 1, split: String = "test", labelled: Bool = true
    ) -> [Sample] {
        (0..<count).map { index in
            Sample(
                id: first + Int64(index), key: "frame-\(1000 + index)", split: split, files: [:],
                label: labelled ? "c\(index % classes)" : nil,
                attributes: labelled ? ["side": index % 2 == 0 ? "left" : "right"] : [:])
        }
    }

    /// Features in clusters by class, and logits that are right except for every `wrong`th sample.
    static func of(
        _ samples: [Sample], classes: Int, width: Int = 6, wrong: Int = 0, seed: UInt64 = 1,
        head: Bool = true
    ) -> ModelAnswers {
        var random = SeededGenerator(seed: seed)
        var pooled: [Float] = []
        var logits: [Float] = []
        for (index, _) in samples.enumerated() {
            let own = index % classes
            pooled += (0..<width).map { column in
                (column % classes == own ? 2 : 0) + 0.3 * Float(random.uniform())
            }
            let named = wrong > 0 && index % wrong == 0 ? (own + 1) % classes : own
            logits += (0..<classes).map { $0 == named ? 3 : Float(random.uniform()) }
        }
        return ModelAnswers(
            samples: samples,
            logits: head
                ? FeatureMatrix(rows: samples.count, columns: classes, values: logits) : nil,
            pooled: FeatureMatrix(rows: samples.count, columns: width, values: pooled))
    }
}
