package import Modalities
import Tensors

/// The geometric views of a pair: a crop and perhaps a flip, drawn from (anchor digest, view index).
///
/// Never from a job's seed: so all jobs share the cached answers of the teacher, and both modalities of a
/// pair get the same view. A box keeps `minimumScale` to 1 of each side; half of the views are flipped.
/// - Reference: Beyer et al. 2022, 2106.05237: the teacher must see exactly the student's view.
package struct ViewSchedule: Sendable, Hashable {
    /// How many views are replayed over the epochs.
    package let count: Int
    /// The smallest share of a side that a view keeps.
    package let minimumScale: Double

    package init(count: Int, minimumScale: Double = 0.7) {
        precondition(count >= 1)
        self.count = count
        self.minimumScale = minimumScale
    }

    /// Goes into cache keys: whatever changes the geometry changes it.
    package var identity: String { "views-1 scale \(minimumScale)...1 flip 0.5" }

    package func geometry(of anchor: ContentDigest, view: UInt32) -> ViewGeometry {
        guard !RecordKey.isFrame(view) else {
            return ViewGeometry(
                x: 0, y: 0, width: 1, height: 1, flip: view == RecordKey.mirroredFrame)
        }
        var generator = SeededGenerator(
            seed: anchor.words.0 ^ anchor.words.2, stream: UInt64(view))
        let scale = minimumScale + (1 - minimumScale) * generator.uniform()
        let x = (1 - scale) * generator.uniform()
        let y = (1 - scale) * generator.uniform()
        return ViewGeometry(
            x: x, y: y, width: scale, height: scale, flip: generator.uniform() < 0.5)
    }

    /// The short side that a decoded file needs so that the smallest view is not enlarged.
    package func decodedShortSide(for size: Int) -> Int {
        Int((Double(size) / minimumScale).rounded(.up))
    }
}
