import Foundation
import Testing

/// PyTorch's losses with one thread and with two, and what was trained.
///
/// Written by `Tests/Fixtures/loss_curve_reference.py`.
struct LossCurveReference: Decodable {
    /// PyTorch's version.
    let torch: String
    let steps: Int
    let batch: Int
    /// Side of the square images in pixels.
    let size: Int
    let classes: Int
    let peak: Double
    let warmUp: Double
    let momentum: Double
    let weightDecay: Double
    let gradientClip: Double
    /// Channels of the teacher's last map, which has one position.
    let teacherChannels: Int
    /// By workload, then by the number of threads.
    let losses: [String: [String: [Double]]]

    init() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appendingPathComponent("Fixtures/loss_curves.json")
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }

    func curve(_ workload: String, threads: Int) throws -> [Double] {
        let curve = try #require(losses[workload]?["\(threads)"])
        try #require(curve.count == steps)
        return curve
    }

    /// How far a curve may lie from PyTorch's at each step: twice the largest gap between PyTorch's own curves
    /// up to that step, plus 1e-4.
    ///
    /// The largest so far and not the step's own, because two curves that have parted also cross.
    func tolerances(_ workload: String) throws -> [Double] {
        let one = try curve(workload, threads: 1)
        let two = try curve(workload, threads: 2)
        var largest = 0.0
        return zip(one, two).map { first, second in
            largest = max(largest, abs(first - second))
            return 2 * largest + 1e-4
        }
    }
}
