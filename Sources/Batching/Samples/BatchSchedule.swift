import Tensors

/// Which samples a step sees: a pure function of (seed, epoch, step), so a run resumes where it stopped
/// with nothing stored but the step.
///
/// Every epoch is a fresh permutation cut into whole batches; the rest of an epoch is left out, as in
/// `drop_last`. A list shorter than one batch is repeated until it fills one.
package struct BatchSchedule: Sendable {
    package let samples: Int
    package let batch: Int
    package let seed: UInt64

    package init(samples: Int, batch: Int, seed: UInt64) {
        precondition(samples > 0 && batch > 0)
        self.samples = samples
        self.batch = batch
        self.seed = seed
    }

    package var stepsPerEpoch: Int { max(1, samples / batch) }

    /// The order of one epoch.
    package func permutation(epoch: Int) -> [Int] {
        var generator = SeededGenerator(seed: seed, stream: UInt64(epoch) &+ 0x5EED)
        var order = Array(0..<samples)
        order.shuffle(using: &generator)
        while order.count < batch { order += order.prefix(batch - order.count) }
        return order
    }
}
