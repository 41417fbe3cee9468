/// One file of one sample cannot be used: quarantine it, go on without it.
package struct SampleError: Error, Sendable, Equatable, CustomStringConvertible {
    package let sample: Int64
    package let modality: String
    package let path: String
    /// A stable dotted code, such as `file.truncated`.
    package let code: String
    package let reason: String

    package init(sample: Int64, modality: String, path: String, code: String, reason: String) {
        self.sample = sample
        self.modality = modality
        self.path = path
        self.code = code
        self.reason = reason
    }

    package var description: String { "\(path): \(reason)" }
}
