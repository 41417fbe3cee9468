import Graphs
import Tensors

/// Pooling over windows and over whole maps.
enum PoolConverters {
    static func maximum(_ node: NodeConversion) throws -> [Operand] {
        node.attributes.ignore("storage_order")
        let (x, window) = try operands(node)
        guard isPlain(window, node.shape(of: x)) else {
            return [try node.result(node.add(WindowPool(.maximum, window: window), x))]
        }
        let pool = MaximumPool(
            window: window.size, strides: window.strides, padding: padding(window),
            ceilMode: window.ceiling)
        return [try node.result(node.add(pool, x))]
    }

    static func average(_ node: NodeConversion) throws -> [Operand] {
        let countsPadding = try node.attributes.integer("count_include_pad") ?? 0 != 0
        let (x, window) = try operands(node)
        guard isPlain(window, node.shape(of: x)) else {
            let pool = WindowPool(.average(countsPadding: countsPadding), window: window)
            return [try node.result(node.add(pool, x))]
        }
        let pool = AveragePool(
            window: window.size, strides: window.strides, padding: padding(window),
            ceilMode: window.ceiling,
            countsPadding: countsPadding)
        return [try node.result(node.add(pool, x))]
    }

    static func power(_ node: NodeConversion) throws -> [Operand] {
        let p = Double(try node.attributes.integer("p") ?? 2)
        let (x, window) = try operands(node)
        return [try node.result(node.add(WindowPool(.power(p), window: window), x))]
    }

    static func global(_ function: Reduce.Function) -> ONNXOperatorTable.Converter {
        { node in
            let x = try node.value(0)
            let rank = node.shape(of: x).rank
            guard rank >= 3 else {
                throw node.malformed("expects [batch, channels, ...], got \(node.shape(of: x))")
            }
            let reduce = Reduce(function, axes: Array(2..<rank), keepDimensions: true)
            return [try node.result(node.add(reduce, x))]
        }
    }

    private static func operands(_ node: NodeConversion) throws -> (Value, Window) {
        let x = try node.value(0)
        let shape = node.shape(of: x)
        guard shape.rank >= 3 else {
            throw node.malformed("expects [batch, channels, ...], got \(shape)")
        }
        var window = try WindowAttributes.read(
            node, spatial: Array(shape.dimensions.dropFirst(2)))
        guard window.size.count == shape.rank - 2 else {
            throw node.malformed("a window \(window.size) does not fit \(shape)")
        }
        window.ceiling = try node.attributes.integer("ceil_mode") ?? 0 != 0
        return (x, window)
    }

    /// Whether the engine's own pools can do it.
    private static func isPlain(_ window: Window, _ shape: Shape) -> Bool {
        guard window.size.count == 2, window.dilations == [1, 1], shape.count > 0 else {
            return false
        }
        // A window wholly in the padding is beyond them.
        return (0..<2).allSatisfy {
            window.before[$0] < window.size[$0] && window.after[$0] < window.size[$0]
        }
    }

    private static func padding(_ window: Window) -> Padding {
        Padding(
            top: window.before[0], left: window.before[1], bottom: window.after[0],
            right: window.after[1])
    }
}
