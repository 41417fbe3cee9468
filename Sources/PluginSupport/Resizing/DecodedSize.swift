/// The size at which a decoder hands out a picture whose user needs only so much of it.
///
/// A picture at least twice too large is divided by the largest whole number that keeps its short
/// side at `minimumShortSide` or above; others, and all where the minimum is 0, stay as they are.
package struct DecodedSize: Hashable {
    package let height: Int, width: Int

    /// The size for a picture of `height` x `width` pixels.
    package init(height: Int, width: Int, minimumShortSide: Int) {
        let short = min(height, width)
        let divisor = minimumShortSide > 0 ? max(short / minimumShortSide, 1) : 1
        func divide(_ side: Int) -> Int {
            max(Int((Double(side) / Double(divisor)).rounded()), 1)
        }
        self.height = divide(height)
        self.width = divide(width)
    }
}
