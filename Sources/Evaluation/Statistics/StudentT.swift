/// Student's t distribution.
struct StudentT {
    let degreesOfFreedom: Double

    /// The probability of a value up to `t`.
    func cumulative(_ t: Double) -> Double {
        let n = degreesOfFreedom
        let tail = 0.5 * Self.incompleteBeta(n / (n + t * t), n / 2, 0.5)
        return t > 0 ? 1 - tail : tail
    }

    /// The value below which this share lies, by bisection.
    func quantile(_ share: Double) -> Double {
        precondition(share > 0 && share < 1, "a share lies between 0 and 1")
        var low = -1.0
        var high = 1.0
        while cumulative(low) > share { low *= 2 }
        while cumulative(high) < share { high *= 2 }
        for _ in 0..<200 where high - low > 1e-12 * max(1, abs(low)) {
            let middle = (low + high) / 2
            if cumulative(middle) < share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The regularised incomplete beta function `I_x(a, b)` by Lentz's continued fraction.
    ///
    /// - Reference: NIST Digital Library of Mathematical Functions, 8.17.22.
    private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
        let tiny = 1e-300
        func apart(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / apart(1 - (a + b) * x / (a + 1))
        var fraction = d
        for step in 1...500 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / apart(1 + even * d)
            c = apart(1 + even / c)
            fraction *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / apart(1 + odd * d)
            c = apart(1 + odd / c)
            fraction *= d * c
            if abs(d * c - 1) < 1e-15 { break }
        }
        let front =
            Numeric.logGamma(a + b) - Numeric.logGamma(a) - Numeric.logGamma(b)
            + a * Numeric.logarithm(x) + b * Numeric.logarithm(1 - x)
        return Numeric.exponential(front) * fraction / a
    }
}
