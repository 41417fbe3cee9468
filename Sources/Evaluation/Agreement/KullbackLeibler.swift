extension Metrics {
    /// The mean over samples of `KL(teacher || student) = sum p_t (log p_t - log p_s)`, in nats.
    ///
    /// - Parameter temperature: Divides both sets of logits.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`, `notFinite`.
    package static func kullbackLeibler(
        teacherLogits: FeatureMatrix, studentLogits: FeatureMatrix, temperature: Double = 1
    ) throws -> Double {
        precondition(temperature > 0, "a temperature is positive")
        try Requirement.pair(
            teacherLogits, studentLogits, sameWidth: true, metric: "Kullback-Leibler divergence")
        var sum = 0.0
        for row in 0..<teacherLogits.rows {
            let teacher = logSoftmax(teacherLogits[row: row], temperature: temperature)
            let student = logSoftmax(studentLogits[row: row], temperature: temperature)
            for (t, s) in zip(teacher, student) { sum += Numeric.exponential(t) * (t - s) }
        }
        return max(0, sum / Double(teacherLogits.rows))
    }
}
