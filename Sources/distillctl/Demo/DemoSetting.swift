import Configuration
import Console

/// What a demonstration was asked for.
struct DemoSetting: Sendable {
    /// The state folder; results lie in `demo` below it.
    var folder: String
    /// The folder of the synthetic data sets.
    var datasets: String
    /// Training pairs of the main data set.
    var pairs: Int
    var epochs: Int
    var seed: Int
    /// What all arms are computed in.
    var precision: Recipe.Precision
    var keepsRunning: Bool
    /// Where people watch.
    var terminal: Terminal

    var results: String { "\(folder)/demo" }

    /// Test pairs beside so many training pairs.
    static func testPairs(beside pairs: Int) -> Int { min(1000, max(10, pairs / 4)) }
}
