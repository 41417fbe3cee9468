/// Compares two sets of answers to the same images, image by image.
///
/// ```
/// cosine = mean over images of <a - m, b - m> / (|a - m| |b - m|)
/// ```
/// where m is the mean answer to other images, without which all answers point the same way.
struct AnswerComparison {
    private var means: [[Double]]
    private var meanCount = 0
    private var cosines: [Double]
    private var agreements = 0
    private(set) var count = 0
    /// Which of the fields holds logits.
    private let logits: Int?

    /// - Parameter fields: the lengths of the fields.
    init(fields: [Int], logits: Int?) {
        means = fields.map { [Double](repeating: 0, count: $0) }
        cosines = fields.map { _ in 0 }
        self.logits = logits
    }

    /// Adds answers to the mean.
    ///
    /// - Parameter answers: for each field `[images, field]`.
    mutating func centre(on answers: [[Float]]) {
        guard let first = answers.first, let mean = means.first else { return }
        meanCount += first.count / mean.count
        for (field, values) in answers.enumerated() {
            let length = means[field].count
            for (index, value) in values.enumerated() {
                means[field][index % length] += Double(value)
            }
        }
    }

    /// Compares answers to one group of images.
    mutating func compare(_ found: [[Float]], with expected: [[Float]]) {
        guard let first = found.first, let mean = means.first else { return }
        let images = first.count / mean.count
        count += images
        for field in found.indices {
            let length = means[field].count
            for image in 0..<images {
                let range = (image * length)..<((image + 1) * length)
                let (a, b) = (found[field][range], expected[field][range])
                cosines[field] += cosine(a, b, mean: means[field])
                if field == logits, AnswerComparison.first(a) == AnswerComparison.first(b) {
                    agreements += 1
                }
            }
        }
    }

    /// For each field.
    var meanCosines: [Double] { cosines.map { count > 0 ? $0 / Double(count) : 1 } }

    /// nil without logits.
    var agreement: Double? {
        logits == nil ? nil : count > 0 ? Double(agreements) / Double(count) : 1
    }

    private func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>, mean: [Double]) -> Double {
        var (product, first, second) = (0.0, 0.0, 0.0)
        let share = meanCount > 0 ? 1 / Double(meanCount) : 0
        for (index, (x, y)) in zip(a, b).enumerated() {
            let centre = mean[index] * share
            let (u, v) = (Double(x) - centre, Double(y) - centre)
            product += u * v
            first += u * u
            second += v * v
        }
        if first == 0 || second == 0 { return first == second ? 1 : 0 }
        return product / (first * second).squareRoot()
    }

    /// The place of the first greatest value.
    private static func first(_ values: ArraySlice<Float>) -> Int {
        var best = values.startIndex
        for index in values.indices where values[index] > values[best] { best = index }
        return best - values.startIndex
    }
}
