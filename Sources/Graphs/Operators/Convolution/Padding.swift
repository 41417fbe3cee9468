/// Rows and columns added around an image.
package struct Padding: Sendable, Hashable, Codable {
    package var top: Int
    package var left: Int
    package var bottom: Int
    package var right: Int

    package init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
        self.top = top
        self.left = left
        self.bottom = bottom
        self.right = right
    }

    /// The same on every side.
    package init(_ size: Int) {
        self.init(top: size, left: size, bottom: size, right: size)
    }

    package static let none = Padding()

    /// top, left, bottom, right
    var list: [Int] { [top, left, bottom, right] }
    /// Before and after along the rows and the columns.
    var before: [Int] { [top, left] }
    var after: [Int] { [bottom, right] }
}
