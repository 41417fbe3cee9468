import Tensors

/// How an imported graph takes a picture, where that is not `[batch, channels, side, side]`.
package struct InputLayout: Sendable, Codable, Equatable {
    package var height: Int, width: Int
    /// `[batch, height, width, channels]`.
    package var channelsLast: Bool

    package init(height: Int, width: Int, channelsLast: Bool) {
        (self.height, self.width) = (height, width)
        self.channelsLast = channelsLast
    }

    /// Of the square views that it is fed with.
    package var side: Int { max(height, width) }

    package var isUsual: Bool { height == width && !channelsLast }

    /// Of one picture.
    func shape(channels: Int) -> Shape {
        channelsLast ? [1, height, width, channels] : [1, channels, height, width]
    }
}
