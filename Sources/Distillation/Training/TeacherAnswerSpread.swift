/// Whether a teacher's scores depend on what it sees at all.
///
/// A teacher with the wrong preprocessing answers nearly the same to every frame, and a student that copies it learns
/// nothing.
struct TeacherAnswerSpread {
    private var sums: [Double]
    private var squares: [Double]
    private var chosen: [Int: Int] = [:]
    private var count = 0

    init(classes: Int) {
        sums = [Double](repeating: 0, count: classes)
        squares = sums
    }

    /// - Shapes: `[classes]`, of one frame.
    mutating func add(_ scores: some Collection<Float>) {
        var best = (index: 0, value: -Float.infinity)
        for (index, score) in scores.enumerated() {
            sums[index] += Double(score)
            squares[index] += Double(score) * Double(score)
            if score > best.value { best = (index, score) }
        }
        chosen[best.index, default: 0] += 1
        count += 1
    }

    /// What is wrong with the answers; nil where they tell frames apart.
    func warning(of teacher: String, classes: [String]) -> String? {
        guard count >= 32, sums.count >= 2 else { return nil }
        let frames = Double(count)
        let means = sums.map { $0 / frames }
        let center = means.reduce(0, +) / Double(means.count)
        let within = means.reduce(0) { $0 + ($1 - center) * ($1 - center) }
        let between = zip(means, squares).reduce(0) { $0 + max(0, $1.1 / frames - $1.0 * $1.0) }
        let hint =
            "check its preprocessing with `distillctl models show \(teacher)` and `distillctl predict`"
        if between < 1e-4 * within || between + within == 0 {
            return
                "the scores of the teacher `\(teacher)` hardly differ from frame to frame: \(hint)"
        }
        if let (index, most) = chosen.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            sums.count > 2, 200 * most >= 199 * count
        {
            let name = classes.indices.contains(index) ? classes[index] : "\(index)"
            return
                "the teacher `\(teacher)` names the class `\(name)` for \(most) of \(count) frames: \(hint)"
        }
        return nil
    }
}
