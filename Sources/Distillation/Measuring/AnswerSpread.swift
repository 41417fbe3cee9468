/// Whether a model's answers depend on what it sees at all.
///
/// A network with the wrong preprocessing answers nearly the same to every picture, and a student that copies it learns
/// nothing.
package struct AnswerSpread {
    private var sums: [Double]
    private var squares: [Double]
    private var chosen: [Int: Int] = [:]
    private var count = 0

    /// - Parameter width: how many values an answer has.
    package init(width: Int) {
        sums = [Double](repeating: 0, count: width)
        squares = sums
    }

    /// - Shapes: `[width]`, of one picture.
    package mutating func add(_ answer: some Collection<Float>) {
        precondition(answer.count == sums.count, "an answer of another width")
        var best = (index: 0, value: -Float.infinity)
        for (index, value) in answer.enumerated() {
            sums[index] += Double(value)
            squares[index] += Double(value) * Double(value)
            if value > best.value { best = (index, value) }
        }
        chosen[best.index, default: 0] += 1
        count += 1
    }

    /// Whether the answers differ less from picture to picture than by a hundredth of what their values differ by.
    package var hardlyDiffers: Bool {
        guard count >= 2, !sums.isEmpty else { return false }
        let pictures = Double(count)
        let means = sums.map { $0 / pictures }
        let center = means.reduce(0, +) / Double(means.count)
        let within = means.reduce(0) { $0 + ($1 - center) * ($1 - center) }
        let between = zip(means, squares).reduce(0) {
            $0 + max(0, $1.1 / pictures - $1.0 * $1.0)
        }
        return between < 1e-4 * within || between + within == 0
    }

    /// The class that at least 199 of 200 pictures are taken for, and for how many; nil where there is none.
    var only: (index: Int, pictures: Int)? {
        guard sums.count > 2,
            let most = chosen.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            200 * most.value >= 199 * count
        else { return nil }
        return (most.key, most.value)
    }

    /// What is wrong with a teacher's scores of a run's frames; nil where they tell frames apart, or are too few to say.
    package func warning(of teacher: String, classes: [String]) -> String? {
        guard count >= 32 else { return nil }
        let hint =
            "check its preprocessing with `distillctl models show \(teacher)` and `distillctl predict`"
        if hardlyDiffers {
            return
                "the scores of the teacher `\(teacher)` hardly differ from frame to frame: \(hint)"
        }
        return only.map { only in
            let name = classes.indices.contains(only.index) ? classes[only.index] : "\(only.index)"
            return
                "the teacher `\(teacher)` names the class `\(name)` for \(only.pictures) of \(count) frames: \(hint)"
        }
    }
}
