import Batching
import Foundation
import Interchange
import Tensors

/// Mean and standard deviation per channel of a teacher's tensor over the first 1,024 pairs.
///
/// Kept with the run, because a resumed run must standardise with the same numbers.
/// - Shapes: `[channels]` each, for a tensor `[channels, ...]`.
struct TeacherStatisticsEstimate: Equatable {
    static let sampleCount = 1_024

    var mean: [Float]
    var deviation: [Float]

    /// Accumulates in float64 over samples and positions.
    struct Accumulator {
        private var sums: [Double]
        private var squares: [Double]
        private var count = 0.0

        init(channels: Int) {
            sums = [Double](repeating: 0, count: channels)
            squares = sums
        }

        /// - Shapes: `[channels, positions]`.
        mutating func add(_ values: some Collection<Float>) {
            let channels = sums.count
            let positions = values.count / channels
            var index = values.startIndex
            for channel in 0..<channels {
                for _ in 0..<positions {
                    let value = Double(values[index])
                    sums[channel] += value
                    squares[channel] += value * value
                    values.formIndex(after: &index)
                }
            }
            count += Double(positions)
        }

        func estimate() -> TeacherStatisticsEstimate {
            let means = sums.map { $0 / max(1, count) }
            let deviations = zip(squares, means).map { square, mean in
                max(0, square / max(1, count) - mean * mean).squareRoot()
            }
            return TeacherStatisticsEstimate(
                mean: means.map { Float($0) }, deviation: deviations.map { Float($0) })
        }
    }

    // MARK: With the run

    /// - Parameter identity: of the run; numbers of another run are not used.
    static func read(
        _ path: String, taps: [String], identity: String
    ) -> [String: TeacherStatisticsEstimate]? {
        guard
            FileManager.default.fileExists(atPath: path),
            let file = try? SafeTensorsFile(URL(fileURLWithPath: path)),
            file.metadata["identity"] == identity
        else { return nil }
        var result: [String: TeacherStatisticsEstimate] = [:]
        for tap in taps {
            guard
                let mean = try? file.floats("\(tap).mean"),
                let deviation = try? file.floats("\(tap).std")
            else { return nil }
            result[tap] = TeacherStatisticsEstimate(mean: mean.values, deviation: deviation.values)
        }
        return result
    }

    static func write(
        _ estimates: [String: TeacherStatisticsEstimate], identity: String, to path: String
    ) throws {
        var tensors: [String: Tensor<Float>] = [:]
        for (tap, estimate) in estimates {
            tensors["\(tap).mean"] = Tensor(shape: [estimate.mean.count], values: estimate.mean)
            tensors["\(tap).std"] = Tensor(
                shape: [estimate.deviation.count], values: estimate.deviation)
        }
        do {
            try SafeTensorsWriter.write(
                tensors, metadata: ["identity": identity], to: URL(fileURLWithPath: path))
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing")
        }
    }
}
