/// Frames of another modality as pictures for a network that looks at colours: the control of showing the teacher what
/// the student sees.
///
/// Each frame from its least to its greatest measurement as grey: `(v - least) / (greatest - least)`, 0 where nothing
/// was measured (v = 0).
package struct GreyPictures {
    /// Channels of a picture; a frame's channels are repeated until there are as many.
    package let channels: Int

    package init(channels: Int) {
        self.channels = channels
    }

    /// - Parameters:
    ///   - frame: `[own channels, height, width]`, physical values.
    ///   - picture: `[channels, height, width]`, 0...1.
    ///   - area: height times width.
    func fill(
        _ picture: UnsafeMutableBufferPointer<Float>, with frame: UnsafeBufferPointer<Float>,
        area: Int
    ) {
        var least = Double.infinity
        var greatest = -Double.infinity
        for value in frame where value != 0 && value.isFinite {
            least = min(least, Double(value))
            greatest = max(greatest, Double(value))
        }
        let range = greatest > least ? greatest - least : 1
        let own = max(1, frame.count / area)
        for channel in 0..<channels {
            for place in 0..<area {
                let value = frame[channel % own * area + place]
                picture[channel * area + place] =
                    value != 0 && value.isFinite ? Float((Double(value) - least) / range) : 0
            }
        }
    }
}
