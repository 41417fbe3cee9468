package import Graphs
import Tensors

/// What an imported RGB network wants of its input: channel order, scale, mean and standard deviation.
///
/// `y_c = (scale x_c - mean_c) / deviation_c`, with x in `[0, 255]`, after the channels are put in order.
package struct Preprocessing: Sendable, Hashable, Codable {
    package enum ChannelOrder: String, Sendable, Codable, CaseIterable {
        case rgb, bgr
    }

    /// How a picture is brought to the input's size, each as Pillow's `resize` does it: the filter is as wide as an
    /// output pixel is in the picture.
    package enum Interpolation: String, Sendable, Codable, CaseIterable {
        case bilinear, nearest, bicubic
    }

    package var channels: ChannelOrder
    /// What a pixel value in `[0, 255]` is multiplied by.
    package var scale: Double
    /// One for each channel in the network's order.
    package var mean: [Double]
    package var deviation: [Double]
    /// Side of the network's square input in pixels; 0: any.
    package var size: Int
    package var resize: Interpolation
    /// The part of a whole picture's shorter side that a square in its middle keeps; nil: the whole picture.
    package var crop: Double?

    package enum CodingKeys: String, CodingKey {
        case channels, scale, mean, size, resize, crop
        case deviation = "std"
    }

    package init(
        channels: ChannelOrder = .rgb, scale: Double = 1.0 / 255, mean: [Double] = [0, 0, 0],
        deviation: [Double] = [1, 1, 1], size: Int = 0, resize: Interpolation = .bilinear,
        crop: Double? = nil
    ) {
        self.channels = channels
        self.scale = scale
        self.mean = mean
        self.deviation = deviation
        self.size = size
        self.resize = resize
        self.crop = crop
    }

    /// Of networks trained with torchvision's ImageNet recipe.
    package static let imageNet = Preprocessing(
        mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225], size: 224)

    /// Just `[0, 1]`.
    package static let unit = Preprocessing()

    /// Just `[0, 255]`, what integer inputs take.
    package static let bytes = Preprocessing(scale: 1)

    /// Whether both make the same numbers of a picture's, whatever size and way it is brought to.
    package func hasValues(of other: Preprocessing) -> Bool {
        channels == other.channels && scale == other.scale && mean == other.mean
            && deviation == other.deviation
    }

    /// Refuses what no network can want.
    ///
    /// - Throws: `NetworkError.preprocessing` with the key, what was found and what is expected.
    package func validate() throws {
        func require(_ condition: Bool, _ key: String, _ expected: String, _ found: Any) throws {
            guard condition else {
                throw NetworkError(
                    .preprocessing, context: key, "expected \(expected), found \(found)")
            }
        }
        try require(scale.isFinite && scale != 0, "scale", "a number other than 0", scale)
        try require(
            mean.count == 3 && mean.allSatisfy(\.isFinite), "mean", "three numbers", mean)
        try require(
            deviation.count == 3 && deviation.allSatisfy { $0.isFinite && $0 > 0 }, "std",
            "three numbers above 0", deviation)
        try require(size >= 0, "size", "pixels, or 0 for any", size)
        try require(crop.map { $0 > 0 && $0 <= 1 } ?? true, "crop", "above 0, at most 1", crop ?? 1)
    }

    /// Appends the preprocessing behind `input`.
    ///
    /// - Shapes: `[batch, 3, height, width]`, red green blue in `[0, 255]`, to the same.
    /// - Throws: `NetworkError.preprocessing`, also for another number of channels.
    package func apply(to input: Value, in graph: inout Graph) throws -> Value {
        try validate()
        let shape = graph.shape(of: input)
        guard shape.rank == 4, shape[1] == 3 else {
            throw NetworkError(
                .preprocessing, context: "input",
                "expected [batch, 3, height, width], found \(shape)")
        }
        return try graph.scoped("preprocessing") { graph in
            var x = input
            if channels == .bgr {
                let planes = try [2, 1, 0].map {
                    try graph.slice(x, axis: 1, start: $0, length: 1)
                }
                x = try graph.concatenate(planes, axis: 1)
            }
            let factor = deviation.map { scale / $0 }
            let offset = zip(mean, deviation).map { -$0 / $1 }
            let factors = try graph.constant(Tensor(shape: [1, 3, 1, 1], values: factor))
            let offsets = try graph.constant(Tensor(shape: [1, 3, 1, 1], values: offset))
            return try graph.add(graph.multiply(x, factors), offsets)
        }
    }
}
