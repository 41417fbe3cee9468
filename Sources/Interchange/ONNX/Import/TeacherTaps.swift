import Graphs
import Tensors

/// Finds in an imported classifier what distillation compares: class scores and the last map.
///
/// Scores: the first output, or, if that is a softmax (under any reshaping), what the softmax is taken of,
/// flattened to `[batch, classes]`. Features: going back from the scores along the first operands that depend
/// on the input, the
/// last map `[batch, channels, height, width]` with more than one pixel or, if its channels are the classes
/// (a network that pools class maps), the map that the classifying convolution reads; the tokens of a
/// transformer laid out as a map. Networks without maps: what the last matrix product reads.
struct TeacherTaps {
    private(set) var logits: Value?
    private(set) var features: Value?

    init(_ graph: inout Graph) throws {
        guard let output = graph.outputs.first?.value else { return }
        let scores = TeacherTaps.beforeSoftmax(output, graph)
        let shape = graph.shape(of: scores)
        guard shape.rank >= 2, shape.count > 0,
            shape.dimensions.dropFirst(2).allSatisfy({ $0 == 1 })
        else { return }
        logits =
            shape.rank == 2
            ? scores
            : try graph.add(Reshape(to: [.copy(0), .size(shape[1])]), scores)
        features = try MapSearch(graph).lastMap(before: scores, classes: shape[1], in: &graph)
        if let logits, graph.labels["logits"] == nil { graph.label(logits, "logits") }
        if let features, graph.labels["features"] == nil { graph.label(features, "features") }
    }

    private static func beforeSoftmax(_ output: Value, _ graph: Graph) -> Value {
        var value = output
        while value.output == 0, let input = graph.node(of: value).inputs.first {
            switch graph.node(of: value).operation {
            case is Softmax, is LogSoftmax:
                // The flattening of older operator sets is undone with it.
                let before = graph.node(of: input)
                let shaped = before.operation is Reshape ? before.inputs.first : nil
                if let shaped, graph.shape(of: shaped) == graph.shape(of: output) { return shaped }
                return input
            case is Reshape, is ReshapeLike: value = input
            default: return output
            }
        }
        return output
    }
}

/// Tells maps from what merely has four axes, such as the heads of an attention.
private struct MapSearch {
    /// Tokens and the grid that those of patches fill.
    private struct Tokens {
        let value: Value
        let channelsFirst: Bool
        let grid: (rows: Int, columns: Int)
    }

    /// For each node the axis of its result that holds channels, nil where the result is no map.
    private var channelAxis: [Int?] = []
    /// For each node whether it depends on what is fed.
    private var isFed: [Bool] = []
    /// Rows and columns of what convolutions give, with the channels.
    private var grids: [(channels: Int, rows: Int, columns: Int)] = []

    init(_ graph: Graph) {
        channelAxis.reserveCapacity(graph.nodes.count)
        for node in graph.nodes {
            let shape = node.outputs[0].shape
            // Of a reference the batch alone is read.
            let read = node.operation is BroadcastTo ? node.inputs.prefix(1) : node.inputs[...]
            isFed.append(node.operation is Input || read.contains { isFed[$0.node] })
            if node.operation is Convolution { grids.append((shape[1], shape[2], shape[3])) }
            channelAxis.append(shape.rank == 4 ? axis(of: node, in: graph) : nil)
        }
    }

    private func axis(of node: Node, in graph: Graph) -> Int? {
        switch node.operation {
        case is Convolution, is Input: return 1
        case is State, is Constant: return nil
        case let transpose as Transpose:
            return channelAxis[node.inputs[0].node].flatMap {
                transpose.permutation.firstIndex(of: $0)
            }
        case is Reshape where graph.shape(of: node.inputs[0]).rank == 5:
            // Every other row or column, taken by cutting the axis into pieces.
            let part = graph.node(of: node.inputs[0])
            guard part.operation is Slice else { return nil }
            let pieces = graph.node(of: part.inputs[0])
            return pieces.operation is Reshape ? channelAxis[pieces.inputs[0].node] : nil
        default: return node.inputs.lazy.compactMap { channelAxis[$0.node] }.first
        }
    }

    func lastMap(
        before scores: Value, classes: Int, in graph: inout Graph
    ) throws -> Value? {
        var value = scores
        var vector: Value?
        /// The last tokens that fill a square.
        var square: Tokens?
        /// The axes over which what was just passed is a mean.
        var pooled: [Int] = []
        while true {
            let shape = graph.shape(of: value)
            let node = graph.node(of: value)
            // What is averaged over rows and columns is a map, whatever it came from.
            let known = pooled == [1, 2] ? 3 : pooled == [2, 3] ? 1 : channelAxis[value.node]
            if let axis = known, shape.rank == 4, shape.count > shape[0] * shape[axis],
                shape[axis] != classes, !(node.operation is Input)
            {
                if let square { return try map(of: square, in: &graph) }
                let others = (1..<4).filter { $0 != axis }
                return axis == 1 ? value : try graph.transpose(value, [0, axis] + others)
            }
            if shape.rank == 3, shape[1] > 1, shape[2] > 1 {
                let isFirst = pooled == [2]
                let count = shape[isFirst ? 2 : 1]
                if let grid = grid(of: count, width: shape[isFirst ? 1 : 2]) {
                    let tokens = Tokens(value: value, channelsFirst: isFirst, grid: grid)
                    return try map(of: tokens, in: &graph)
                }
                if square == nil, let grid = MapSearch.square(of: count) {
                    square = Tokens(value: value, channelsFirst: isFirst, grid: grid)
                }
            }
            if vector == nil, node.operation is MatrixMultiply { vector = node.inputs.first }
            guard let input = node.inputs.first(where: { isFed[$0.node] }), value.output == 0
            else { return try square.map { try map(of: $0, in: &graph) } ?? vector }
            pooled = MapSearch.axes(of: node.operation, rank: graph.shape(of: input).rank)
            value = input
        }
    }

    private static func axes(of operation: any Operator, rank: Int) -> [Int] {
        switch operation {
        case let reduce as Reduce: reduce.axes.map { $0 < 0 ? $0 + rank : $0 }.sorted()
        case is WindowPool: Array(2..<max(rank, 2))
        default: []
        }
    }

    /// The tokens of patches, after any tokens of another kind, as a map.
    private func map(of tokens: Tokens, in graph: inout Graph) throws -> Value {
        let (channelsFirst, grid) = (tokens.channelsFirst, tokens.grid)
        let axis = channelsFirst ? 2 : 1
        let count = grid.rows * grid.columns
        let others = graph.shape(of: tokens.value)[axis] - count
        let patches = try graph.slice(
            tokens.value, axis: axis, start: others, length: count)
        let flat = channelsFirst ? patches : try graph.transpose(patches, [0, 2, 1])
        return try graph.reshape(
            flat, [.copy(0), .copy(1), .size(grid.rows), .size(grid.columns)])
    }

    /// The grid of the patch convolution that tokens stand for.
    private func grid(of count: Int, width: Int) -> (rows: Int, columns: Int)? {
        // Class, distillation and register tokens come first and are few.
        grids.last { grid in
            grid.channels == width && (0...16).contains(count - grid.rows * grid.columns)
                && grid.rows * grid.columns > 1
        }.map { ($0.rows, $0.columns) }
    }

    private static func square(of count: Int) -> (rows: Int, columns: Int)? {
        (0...1).lazy.compactMap { others in
            let side = Int(Double(count - others).squareRoot())
            return side > 1 && side * side == count - others ? (side, side) : nil
        }.first
    }
}
