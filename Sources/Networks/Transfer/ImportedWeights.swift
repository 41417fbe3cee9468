package import Graphs
package import Tensors

/// The weights of a graph from elsewhere under the names that an architecture gives its states.
///
/// Exporters rename and merge: they fold batch normalisation into the convolution before it and lay matrices the other
/// way round. So layers are found by the module that a node's name tells, else by the name of their weights, or by their
/// order where all shapes agree and no name contradicts. A folded normalisation begins as the identity with the merged
/// offset: `scale = 1`, `mean = 0`, `variance = 1 - epsilon`. A layer whose result is changed in a way that the
/// architecture has no place for, such as a factor, is left out.
package struct ImportedWeights: Sendable {
    /// Values by the target's names; their shapes need not be the target's.
    package private(set) var states: [String: Tensor<Float>] = [:]
    /// Layers of the target whose normalisation the source has folded away, by the name of their weights.
    package private(set) var folded: [String] = []

    /// - Parameters:
    ///   - source: a graph with the labels of an import.
    ///   - values: the values of its states.
    ///   - target: an architecture's inference graph.
    package init(
        of source: Graph, values: [String: Tensor<Float>], to target: Graph
    ) {
        let ours = WeightedLayer.all(of: target)
        let owned = ours.flatMap { layer in
            [layer.weight, layer.bias].map { $0?.name }
                + (layer.normalization?.operands ?? []).map(\.name)
        }
        let others = Set(target.states.map(\.declaration.name)).subtracting(owned.compactMap { $0 })
        // What belongs to a layer is taken with it alone: its weights may mean something else than their name says.
        for name in others { states[name] = values[name] }
        let theirs = WeightedLayer.all(of: source, values: values, others: others)
        for (layer, other) in ImportedWeights.matched(ours, theirs, source, target) {
            guard let name = layer.weight.name, let weight = other.weight.value,
                let wanted = target.declaredState(named: name)?.declaration.shape
            else { continue }
            let turned = layer.isTransposed == other.isTransposed ? weight : weight.transposed()
            let found = turned.viewed(as: wanted)
            states[name] = other.isWhole ? found : nil
            let isTaken = other.isWhole && ImportedWeights.fits(found.shape, wanted)
            take(layer, other, outputs: wanted[0], isTaken: isTaken)
        }
    }

    /// Takes over what belongs to a layer beside its weights, or forgets it where these are not taken.
    private mutating func take(
        _ layer: WeightedLayer, _ other: WeightedLayer, outputs: Int, isTaken: Bool
    ) {
        let own = layer.normalization?.operands.map { $0.name ?? "" } ?? []
        let bias = layer.bias?.name
        guard isTaken else {
            for name in own + [bias ?? ""] { states[name] = nil }
            return
        }
        let added = other.bias?.value?.flattened
        if let bias { states[bias] = added ?? Tensor(shape: [outputs], repeating: 0) }
        guard let epsilon = layer.normalization?.epsilon, own.count == 4 else { return }
        let rest = bias == nil ? added : nil
        guard let theirs = other.normalization else {
            states[own[0]] = Tensor(shape: [outputs], repeating: 1)
            states[own[1]] = rest ?? Tensor(shape: [outputs], repeating: 0)
            states[own[2]] = Tensor(shape: [outputs], repeating: 0)
            states[own[3]] = Tensor(shape: [outputs], repeating: Float(1 - epsilon))
            if let name = layer.weight.name { folded.append(name) }
            return
        }
        for (name, operand) in zip(own, theirs.operands) { states[name] = operand.value?.flattened }
        // What the file adds before it normalises moves the mean; its epsilon may be another one.
        if let rest, let mean = states[own[2]], mean.shape == rest.shape {
            states[own[2]] = Tensor(
                shape: mean.shape, values: zip(mean.values, rest.values).map { $0 - $1 })
        }
        let surplus = Float(theirs.epsilon - epsilon)
        states[own[3]] = states[own[3]]?.map { max(0, $0 + surplus) }
    }

    /// Whether a layer can begin with weights of a shape, if need be after its input is adapted.
    private static func fits(_ shape: Shape, _ wanted: Shape) -> Bool {
        if shape == wanted { return true }
        return shape.rank == 4 && wanted.rank == 4 && shape[0] == wanted[0]
            && shape.dimensions[2...] == wanted.dimensions[2...]
    }

    /// Which layer of the source stands for which of the target.
    private static func matched(
        _ ours: [WeightedLayer], _ theirs: [WeightedLayer], _ source: Graph, _ target: Graph
    ) -> [(WeightedLayer, WeightedLayer)] {
        var byWeight: [String: Int] = [:]
        var byResult: [Value: Int] = [:]
        for (index, layer) in theirs.enumerated().reversed() {
            if let name = layer.weight.name { byWeight[name] = index }
            for result in layer.results { byResult[result] = index }
        }
        let named = ours.map { layer -> Int? in
            guard let name = layer.weight.name else { return nil }
            let module = String(name.dropLast(".weight".utf8.count))
            return source.labels[module].flatMap { byResult[$0] } ?? byWeight[name]
        }
        let isInOrder =
            ours.count == theirs.count
            && named.enumerated().allSatisfy { $1 == nil || $1 == $0 }
            && ours.indices.allSatisfy { index in
                guard let have = theirs[index].weight.value?.shape,
                    let want = ours[index].weight.name.flatMap({ target.declaredState(named: $0) })
                else { return false }
                let shape = want.declaration.shape
                // The first may see other channels, and the last other classes.
                let isEnd = index == 0 || index == ours.count - 1
                return isEnd ? have.rank == shape.rank : have.count == shape.count
            }
        return ours.indices.compactMap { index in
            (isInOrder ? index : named[index]).map { (ours[index], theirs[$0]) }
        }
    }
}

extension Tensor<Float> {
    /// A matrix with its axes exchanged; other tensors as they are.
    fileprivate func transposed() -> Tensor<Float> {
        guard shape.rank == 2 else { return self }
        let (rows, columns) = (shape[0], shape[1])
        var result = Tensor(shape: [columns, rows], repeating: 0)
        for row in 0..<rows {
            for column in 0..<columns {
                result.values[column * rows + row] = values[row * columns + column]
            }
        }
        return result
    }

    /// The same elements in a shape of as many with the same outputs; others as they are.
    fileprivate func viewed(as other: Shape) -> Tensor<Float> {
        guard shape.count == other.count, shape.rank > 0, other.rank > 0, shape[0] == other[0]
        else {
            return self
        }
        return Tensor(shape: other, values: values)
    }

    /// All elements along one axis: a vector for each channel, whatever it is broadcast to.
    fileprivate var flattened: Tensor<Float> { Tensor(shape: [shape.count], values: values) }
}
