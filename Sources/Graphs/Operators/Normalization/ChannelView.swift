import Tensors

/// An image-like tensor `[batch, channels, ...]` seen channel by channel.
struct ChannelView {
    let batch: Int
    let channels: Int
    let plane: Int

    init(_ shape: Shape) {
        batch = shape[0]
        channels = shape[1]
        plane = shape.dimensions[2...].reduce(1, *)
    }

    /// Elements of each channel.
    var count: Int { batch * plane }

    /// The sum over each channel of a function of the offset.
    func sums(_ term: (_ channel: Int, _ offset: Int) -> Double) -> [Double] {
        (0..<channels).map { channel in
            var sum = 0.0
            for image in 0..<batch {
                let start = (image * channels + channel) * plane
                for offset in start..<(start + plane) { sum += term(channel, offset) }
            }
            return sum
        }
    }

    /// The channel of an offset.
    func channel(of offset: Int) -> Int { offset / plane % channels }
}

extension Operator {
    /// Checks x `[batch, channels, ...]` and that every further operand is `[channels]`.
    func expectChannels(_ inputs: ArraySlice<TensorType>, of x: TensorType) throws {
        guard x.shape.rank >= 2 else {
            throw GraphError(
                .shape, "\(Self.kind) expects [batch, channels, ...], got \(x.shape)")
        }
        let names = ["scale", "offset", "mean", "variance"]
        for (index, input) in inputs.enumerated() {
            try expect("a \(names[index])", input, shape: [x.shape[1]])
        }
    }
}

extension Graph {
    /// `[channels]` as `[1, channels, 1, ...]`, ready to broadcast over x.
    mutating func perChannel(_ value: Value, like x: Value) throws -> Value {
        let trailing = [ReshapeDimension](repeating: .size(1), count: shape(of: x).rank - 2)
        return try reshape(value, [.size(1), .copy(0)] + trailing)
    }

    /// The axes over which a channel's elements lie.
    func channelAxes(of x: Value) -> [Int] { [0] + (2..<shape(of: x).rank) }
}
