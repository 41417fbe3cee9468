import Batching
import Evaluation
import Foundation

/// Tells during a run whether the student's features collapse onto the teacher's mean.
///
/// The same held pairs are looked at before the first step and at every evaluation, whose answers it reads. So it
/// costs `n` forward passes of the student and none of the teacher, which answers these pairs for the evaluations
/// anyway: `n` is at most 512 and a hundredth of what training costs, three passes a sample; at least 64.
struct CollapseWatch: Codable, Equatable {
    /// What the alarm goes by.
    struct Measure: Codable, Equatable {
        var centredCosine: Double
        var mutualNeighbours: Double
    }

    static let most = 512
    /// Where all of a small data set's share would be noise.
    private static let least = 64
    /// Below, neighbours and cosines say nothing.
    static let fewest = 32

    /// The catalog's rows of the held pairs.
    let pairs: [Int64]
    /// Before the first step.
    let initial: Measure
    let alarm: CollapseAlarm

    init(pairs: [Int64], initial: Measure, steps: Int) {
        self.pairs = pairs
        self.initial = initial
        alarm = CollapseAlarm(
            initialMutualNeighbours: initial.mutualNeighbours, totalSteps: steps)
    }

    /// The pairs that a run holds: evenly spread over those that it is measured on.
    ///
    /// - Parameter samples: how many the run learns from, each in every epoch.
    static func held(of pairs: [Sample], samples: Int, epochs: Int) -> [Sample] {
        pairs.spread(min(most, max(least, 3 * samples * epochs / 100)))
    }

    /// Both models' answers to the held pairs as figures; nil where too few could be read, or where no objective
    /// brings the features of both into one space.
    ///
    /// - Throws: `EvaluationError` for features that are not finite.
    static func measure(
        _ pairs: [Int64], student: ModelAnswers, teacher: ModelAnswers, projector: Projector?
    ) throws -> Measure? {
        let held = Set(pairs)
        let common = student.common(with: teacher)
        let chosen = common.own.indices.filter {
            held.contains(student.samples[common.own[$0]].id)
        }
        guard chosen.count >= fewest else { return nil }
        let theirs = teacher.pooled.selecting(chosen.map { common.other[$0] })
        let own = ModelEvaluator.projected(
            student.pooled.selecting(chosen.map { common.own[$0] }), by: projector)
        guard own.columns == theirs.columns else { return nil }
        return Measure(
            centredCosine: try Metrics.centredCosine(own, theirs),
            mutualNeighbours: try Metrics.mutualNeighbours(own, theirs))
    }

    /// Whether the alarm sounds.
    func sounds(_ measure: Measure, step: Int) -> Bool {
        alarm.sounds(
            step: step, centredCosine: measure.centredCosine,
            mutualNeighbours: measure.mutualNeighbours)
    }

    // MARK: Surviving a restart

    private static func path(_ runFolder: String) -> String { runFolder + "/collapse.json" }

    /// What a run noted before its first step; nil where it noted nothing.
    static func kept(in runFolder: String) -> CollapseWatch? {
        FileManager.default.contents(atPath: path(runFolder)).flatMap {
            try? JSONDecoder().decode(CollapseWatch.self, from: $0)
        }
    }

    func write(to runFolder: String) throws {
        let path = CollapseWatch.path(runFolder)
        do {
            try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing")
        }
    }
}
