import Graphs
import Tensors

/// The other shapes that tensors take, with the batch kept open.
enum ReshapeConverter {
    static func reshape(_ node: NodeConversion) throws -> [Operand] {
        let keepsZero = try node.attributes.integer("allowzero") ?? 0 != 0
        let wanted = try node.batchIntegers(1, "the shape")
        let source = try node.operand(0)
        if source.widened == nil, let known = source.known, case .fill = known.storage {
            if wanted.now != wanted.widened { node.fixBatch() }
            return [Operand(try refilled(node, known, wanted.now, keepsZero))]
        }
        var dimensions: [ReshapeDimension]
        if wanted.now == wanted.widened {
            dimensions = try self.dimensions(node, wanted.now, keepsZero, source)
        } else {
            dimensions = try following(node, wanted, keepsZero)
        }
        return [try node.result(node.add(Reshape(to: dimensions), node.value(0)))]
    }

    /// Extents that were computed from the batch, told apart from the others by what a larger batch gives.
    private static func following(
        _ node: NodeConversion, _ wanted: (now: [Int], widened: [Int]), _ keepsZero: Bool
    ) throws -> [ReshapeDimension] {
        let shape = try node.shape(0)
        let widened = try node.widenedShape(0)
        let now = try extents(node, wanted.now, keepsZero, shape)
        guard let then = try? extents(node, wanted.widened, keepsZero, widened),
            then.count == now.count
        else {
            node.fixBatch()
            return now.map { .size($0) }
        }
        var isInferred = false
        return now.indices.map { axis in
            if now[axis] == then[axis] { return .size(now[axis]) }
            let places = [axis] + shape.dimensions.indices
            if let place = places.first(where: {
                $0 < shape.rank && shape[$0] == now[axis] && widened[$0] == then[axis]
            }) {
                return .copy(place)
            }
            guard !isInferred else {
                node.fixBatch()
                return .size(now[axis])
            }
            isInferred = true
            return .infer
        }
    }

    /// What each wanted extent means for a tensor of a shape, as the file says it.
    private static func meaning(
        _ node: NodeConversion, _ wanted: [Int], _ keepsZero: Bool, _ shape: Shape
    ) throws -> [ReshapeDimension] {
        guard wanted.count(where: { $0 == -1 }) <= 1, wanted.allSatisfy({ $0 >= -1 }) else {
            throw node.malformed("the shape \(wanted) is not possible")
        }
        _ = try CheckedExtents.count(wanted.map { max($0, 1) }, node: node.name)
        return try wanted.enumerated().map { axis, extent in
            if extent == -1 { return .infer }
            guard extent == 0, !keepsZero else { return .size(extent) }
            guard axis < shape.rank else {
                throw node.malformed("the shape \(wanted) copies axis \(axis) of \(shape)")
            }
            return .copy(axis)
        }
    }

    /// What a wanted shape stands for: copied and inferred extents resolved.
    private static func extents(
        _ node: NodeConversion, _ wanted: [Int], _ keepsZero: Bool, _ shape: Shape
    ) throws -> [Int] {
        let dimensions = try meaning(node, wanted, keepsZero, shape)
        return try Reshape(to: dimensions).infer([TensorType(shape)])[0].shape.dimensions
    }

    /// What each wanted extent means, the batch kept open where the input may carry one.
    private static func dimensions(
        _ node: NodeConversion, _ wanted: [Int], _ keepsZero: Bool, _ source: Operand
    ) throws -> [ReshapeDimension] {
        let shape = source.shape
        var dimensions = try meaning(node, wanted, keepsZero, shape)
        let widened = node.model.widenedShape(of: source)
        guard widened != shape, shape.count > 0 else { return dimensions }
        guard node.model.batch.isOpen else {
            try open(&dimensions, shape, widened, node)
            return dimensions
        }
        if (try? Reshape(to: dimensions).infer([TensorType(widened)])) != nil {
            // As written it fits a larger batch too.
            return dimensions
        }
        guard case .size(let first) = dimensions.first else { return dimensions }
        if shape.rank > 0, first == shape[0] {
            dimensions[0] = .copy(0)
        } else if !dimensions.contains(.infer) {
            // Samples may lie in rows; whatever the batch, the other extents are as written.
            dimensions[0] = .infer
        }
        return dimensions
    }

    /// Lets the extent that holds the samples follow the batch, where all are written as numbers.
    ///
    /// Samples lie along one axis of the input, with so many elements before it; in the result they lie along the
    /// outermost axis with as many before it.
    private static func open(
        _ dimensions: inout [ReshapeDimension], _ shape: Shape, _ widened: Shape,
        _ node: NodeConversion
    ) throws {
        let result = try Reshape(to: dimensions).infer([TensorType(shape)])[0].shape
        let axes = shape.dimensions.indices.filter { shape[$0] != widened[$0] }
        guard axes.count == 1, let axis = axes.first else {
            node.fixBatch()
            return
        }
        let before = shape.dimensions[..<axis].reduce(1, *)
        var count = 1
        for (place, extent) in result.dimensions.enumerated() {
            if count == before {
                for other in dimensions.indices where dimensions[other] == .infer {
                    dimensions[other] = .size(result[other])
                }
                dimensions[place] = .infer
                return
            }
            count *= extent
        }
        node.fixBatch()
    }

    private static func refilled(
        _ node: NodeConversion, _ known: KnownTensor, _ wanted: [Int], _ keepsZero: Bool
    ) throws -> KnownTensor {
        let operand = Operand(known)
        let dimensions = try dimensions(node, wanted, keepsZero, operand)
        let type = try Reshape(to: dimensions).infer([TensorType(known.shape)])[0]
        return KnownTensor(shape: type.shape, element: known.element, storage: known.storage)
    }
}
