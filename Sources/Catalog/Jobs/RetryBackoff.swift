/// How long a failed job waits before it is tried again.
package enum RetryBackoff {
    /// Failures after which a job is given up.
    package static let attempts = 5

    /// The longest wait after so many failures, in milliseconds: min(1 h, 2^attempt x 5 s). The wait itself
    /// is drawn evenly from 0 to that ("full jitter"), so that jobs that failed together part.
    ///
    /// - Parameter attempt: The number of failures so far, from 1.
    /// - Reference: Brooker 2015, Exponential Backoff and Jitter.
    package static func ceiling(afterAttempt attempt: Int) -> Int64 {
        let exponent = min(max(attempt, 0), 20)
        return min(3_600_000, (1 << exponent) * 5_000)
    }
}
