package import Tensors

/// What the caller decides about an import.
package struct ImportOptions: Sendable {
    /// Shapes of inputs, where the file leaves extents open or others are wanted.
    package var shapes: [String: Shape]
    /// Values of inputs that may be built in, where shapes depend on them.
    package var values: [String: NumPyArray]
    /// What an open first axis becomes.
    package var batch: Int
    /// What is known of the network's meaning; nil: the first output is taken by its form, without asking.
    package var reading: ModelReading?
    /// No value of the graph may have more elements.
    package var elementLimit: Int

    package init(
        shapes: [String: Shape] = [:], values: [String: NumPyArray] = [:], batch: Int = 1,
        reading: ModelReading? = nil, elementLimit: Int = 1 << 31
    ) {
        self.shapes = shapes
        self.values = values
        self.batch = batch
        self.reading = reading
        self.elementLimit = elementLimit
    }
}
