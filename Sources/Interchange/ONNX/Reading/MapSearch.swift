package import Graphs
import Tensors

extension Graph {
    /// A tap as objectives compare it: `[batch, channels, height, width]` of a map that has its channels last and of
    /// the tokens of a transformer's patches, class and register tokens left out; any other value as it is.
    ///
    /// - Shapes: `[batch, height, width, channels]` and `[batch, tokens, channels]` change, others do not.
    package mutating func comparable(_ tap: Value) throws -> Value {
        try MapSearch(self).comparable(tap, in: &self)
    }
}

/// Tells maps from what merely has four axes, such as the heads of an attention.
struct MapSearch {
    /// Tokens and the grid that those of patches fill.
    private struct Tokens {
        let value: Value
        let channelsFirst: Bool
        let grid: (rows: Int, columns: Int)
    }

    /// For each node the axis of its result that holds channels, nil where the result is no map.
    private var channelAxis: [Int?] = []
    /// For each node whether it depends on what is fed.
    private(set) var isFed: [Bool] = []
    /// Whether anything is normalised over its channels, as transformers do.
    private var isTransformer = false
    /// Rows and columns of what convolutions give, with the channels.
    private var grids: [(channels: Int, rows: Int, columns: Int)] = []

    init(_ graph: Graph) {
        channelAxis.reserveCapacity(graph.nodes.count)
        for node in graph.nodes {
            let shape = node.outputs[0].shape
            // Of a reference the batch alone is read.
            let read = node.operation is BroadcastTo ? node.inputs.prefix(1) : node.inputs[...]
            isFed.append(node.operation is Input || read.contains { isFed[$0.node] })
            if node.operation is LayerNormalization { isTransformer = true }
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
        before scores: Value, classes: Int?, in graph: inout Graph
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
            // A row of tokens is no map, even where one axis more makes it look like one.
            if shape.rank == 4, pooled == [2, 3], shape[2] == 1, let input = node.inputs.first,
                node.operation is Reshape, graph.shape(of: input).rank == 3
            {
                pooled = [2]
                value = input
                continue
            }
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
                    let tokens = Tokens(value: value, channelsFirst: isFirst, grid: grid)
                    // What is averaged over its tokens is the last map; others may be heads of an attention.
                    if pooled == [isFirst ? 2 : 1] { return try map(of: tokens, in: &graph) }
                    square = tokens
                }
            }
            if vector == nil, node.operation is MatrixMultiply { vector = node.inputs.first }
            guard let input = node.inputs.first(where: { isFed[$0.node] }), value.output == 0
            else { return try square.map { try map(of: $0, in: &graph) } ?? vector }
            pooled = MapSearch.axes(of: node.operation, rank: graph.shape(of: input).rank)
            value = input
        }
    }

    /// The form in which objectives compare a value: a map channels first, the tokens of patches as a map; anything
    /// else as it is.
    func comparable(_ value: Value, in graph: inout Graph) throws -> Value {
        let shape = graph.shape(of: value)
        if shape.rank == 4, value.node < channelAxis.count, channelAxis[value.node] == 3 {
            return try graph.transpose(value, [0, 3, 1, 2])
        }
        guard shape.rank == 3, shape[1] > 1, shape[2] > 1,
            let grid = grid(of: shape[1], width: shape[2]) ?? MapSearch.square(of: shape[1])
        else { return value }
        return try map(of: Tokens(value: value, channelsFirst: false, grid: grid), in: &graph)
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

    /// Whether a node gives a map `[batch, channels, height, width]`.
    func isMap(_ node: Int) -> Bool { isFed[node] && channelAxis[node] == 1 }

    /// Whether `[batch, tokens, channels]` are tokens of patches.
    func holdsTokens(_ shape: Shape) -> Bool {
        guard shape.rank == 3, shape[1] > 1, shape[2] > 1 else { return false }
        if grid(of: shape[1], width: shape[2]) != nil { return true }
        // Without the convolution that made them only a transformer has rows that fill a square.
        return isTransformer && MapSearch.square(of: shape[1]) != nil
    }

    /// How many of `[batch, tokens, channels]` stand for no patch: class, distillation and register tokens.
    func extraTokens(_ shape: Shape) -> Int {
        guard let grid = grid(of: shape[1], width: shape[2]) ?? MapSearch.square(of: shape[1])
        else {
            return 0
        }
        return shape[1] - grid.rows * grid.columns
    }

    /// Rows or columns of the smallest map on the way back from a value, whichever is larger.
    func smallestSide(before value: Value, _ graph: Graph) -> Int {
        var smallest = Int.max
        var waiting = [value]
        var seen: Set<Int> = []
        while let next = waiting.popLast() {
            guard isFed[next.node], seen.insert(next.node).inserted else { continue }
            let shape = graph.shape(of: next)
            if shape.rank == 4, let axis = channelAxis[next.node] {
                let sides = (1..<4).filter { $0 != axis }.map { shape[$0] }
                if let side = sides.max(), side > 1 { smallest = min(smallest, side) }
            }
            waiting += graph.node(of: next).inputs
        }
        return smallest
    }

    private static func square(of count: Int) -> (rows: Int, columns: Int)? {
        (0...1).lazy.compactMap { others in
            let side = Int(Double(count - others).squareRoot())
            return side > 1 && side * side == count - others ? (side, side) : nil
        }.first
    }
}
