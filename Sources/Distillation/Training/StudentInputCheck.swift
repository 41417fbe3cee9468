import Batching
import Foundation
import Modalities

/// Refuses to train a student on pictures that hold next to nothing: a wrong unit of depth, a covered lens.
///
/// Looks at one view of each of up to 64 samples, spread over the run's; later the run finds them in the cache.
struct StudentInputCheck {
    static let samples = 64

    let setup: RunSetup

    /// - Returns: What the pictures hold; nil where none could be read.
    /// - Throws: `input.empty`, `input.constant`, or what is wrong with the plugin.
    func run() throws -> InputStatistics? {
        let views = setup.views
        var pictures: [[Float]] = []
        for sample in setup.selection.samples.spread(Self.samples) {
            var values = [Float](repeating: 0, count: views.valueCount)
            do {
                try values.withUnsafeMutableBufferPointer {
                    try views.load(sample, view: 0, into: $0)
                }
            } catch is SampleError {
                continue  // Whoever needs it quarantines it.
            }
            pictures.append(values)
        }
        guard !pictures.isEmpty else { return nil }
        let seen = InputStatistics(of: pictures)
        let modality = setup.plugin.modality
        let hint =
            "`distillctl datasets show \(setup.request.dataset)` tells what the files hold; the likely cause is what "
            + "[\(modality)] in dataset.toml says of them: "
            + (modality == "depth"
                ? "`scale`, `unit`, `preset` or `maximum`" : "its path, pattern or options")
        // Few readings are a laser scanner's nature, and what 0 means in other modalities only their plugins know.
        let isDense =
            modality == "depth"
            && setup.request.manifest.options(for: modality)["sparse"] != .boolean(true)
        let least = isDense ? InputStatistics.leastShare : 1e-4
        if seen.filled < least {
            let percent = String(format: "%.1f", 100 * seen.filled)
            throw DistillationError(
                "input.empty",
                "the student's input is nearly empty: \(percent) % of the values of \(pictures.count) \(modality) "
                    + "pictures are not 0, expected at least \(100 * least) %",
                hint: hint)
        }
        if seen.constant >= 0.9 {
            throw DistillationError(
                "input.constant",
                "the student's input is constant: of \(pictures.count) \(modality) pictures "
                    + "\(Int((seen.constant * Double(pictures.count)).rounded())) hold one value only",
                hint: hint)
        }
        return seen
    }
}
