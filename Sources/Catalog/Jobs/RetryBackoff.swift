/// How long a failed job waits before it is tried again.
package enum RetryBackoff {
    /// Failures after which a job is given up.
    package static let attempts = 5

    /// A random time up to min(1 h, 2^attempt x 5 s), in milliseconds ("full jitter").
    ///
    /// - Parameter attempt: The number of failures so far, from 1.
    /// - Reference: Brooker 2015, Exponential Backoff and Jitter.
    package static func delay(
        afterAttempt attempt: Int, using generator: inout some RandomNumberGenerator
    ) -> Int64 {
        Int64.random(in: 0...ceiling(afterAttempt: attempt), using: &generator)
    }

    /// The longest wait after so many failures, in milliseconds.
    static func ceiling(afterAttempt attempt: Int) -> Int64 {
        let exponent = min(max(attempt, 0), 20)
        return min(3_600_000, (1 << exponent) * 5_000)
    }
}
