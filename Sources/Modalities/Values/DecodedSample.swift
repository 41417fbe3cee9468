/// A decoded file in its modality's physical unit.
///
/// - Shapes: `values` is `[channels, height, width]`, contiguous.
package struct DecodedSample: Sendable, Hashable {
    package let channels: Int, height: Int, width: Int
    package let values: [Float]

    /// Makes a sample; `values` must have `channels * height * width` elements.
    package init(channels: Int, height: Int, width: Int, values: [Float]) {
        precondition(values.count == channels * height * width, "values do not fill the shape")
        self.channels = channels
        self.height = height
        self.width = width
        self.values = values
    }
}
