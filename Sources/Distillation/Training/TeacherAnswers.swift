import Batching

/// The teacher's answers to some views, cached or live; up to `TeacherNetwork.batch` are asked at once.
struct TeacherAnswers {
    private let setup: RunSetup

    init(_ setup: RunSetup) {
        self.setup = setup
    }

    /// - Parameter failures: told of samples that cannot be read.
    /// - Returns: for each question one array a field, nil where the sample cannot be read.
    func answer(
        _ questions: [(sample: Sample, view: UInt32)], _ failures: FailedSamples
    ) throws -> [[[Float]]?] {
        guard
            let targets = setup.targets, let network = setup.teacherNetwork,
            let views = setup.teacherViews
        else { return questions.map { _ in nil } }
        var answers = [[[Float]]?](repeating: nil, count: questions.count)
        var open: [Int] = []
        var images: [Float] = []
        for (number, question) in questions.enumerated() {
            var arrays = targets.fields.map { [Float](repeating: 0, count: $0.count) }
            let found = TargetFields.slots(&arrays, fields: targets.fields, position: 0) {
                targets.load(question.sample, view: question.view, into: $0)
            }
            if found {
                answers[number] = arrays
                continue
            }
            do {
                images += try views.images(of: question.sample, views: [question.view])
                open.append(number)
            } catch let error as SampleError {
                failures.add(error)
            }
        }
        for start in stride(from: 0, to: open.count, by: TeacherNetwork.batch) {
            let part = Array(open[start..<min(start + TeacherNetwork.batch, open.count)])
            let range = (start * views.valueCount)..<((start + part.count) * views.valueCount)
            var values = try images.withUnsafeBufferPointer {
                try network.answer(UnsafeBufferPointer(rebasing: $0[range]))
            }
            for (position, number) in part.enumerated() {
                try TargetFields.slots(&values, fields: targets.fields, position: position) {
                    try targets.keep(
                        questions[number].sample, view: questions[number].view, rounding: $0)
                }
                answers[number] = zip(targets.fields, values).map { field, array in
                    Array(array[(position * field.count)..<((position + 1) * field.count)])
                }
            }
        }
        return answers
    }
}
