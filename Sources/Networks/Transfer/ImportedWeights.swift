package import Graphs
package import Tensors

/// The weights of a graph from elsewhere under the names that an architecture gives its states.
///
/// Exporters rename and merge: they fold batch normalisation into the convolution before it and lay matrices the other
/// way round. So layers are found by the module that a node's name tells, else by the name of their weights, else, where
/// nothing has a known name, by their order if all shapes agree. A folded normalisation begins as the identity with the
/// merged offset: `scale = 1`, `mean = 0`, `variance = 1 - epsilon`.
package struct ImportedWeights: Sendable {
    /// Values by the target's names; their shapes need not be the target's.
    package private(set) var states: [String: Tensor<Float>] = [:]
    /// Normalisations of the target that the source has folded away, by the name of the layer before them.
    package private(set) var folded: [String] = []

    /// - Parameters:
    ///   - source: a graph with the labels of an import.
    ///   - values: the values of its states.
    ///   - target: an architecture's inference graph.
    package init(
        of source: Graph, values: [String: Tensor<Float>], to target: Graph
    ) {
        for (declaration, _) in target.states {
            states[declaration.name] = values[declaration.name]
        }
        let theirs = WeightedLayer.all(of: source)
        let ours = WeightedLayer.all(of: target)
        let pairs = ImportedWeights.matched(ours, theirs, source, target, values)
        for (layer, other) in pairs {
            guard let weight = values[other.weight],
                let wanted = target.declaredState(named: layer.weight)?.declaration.shape
            else { continue }
            let turned = layer.isTransposed == other.isTransposed ? weight : weight.transposed()
            states[layer.weight] = turned.viewed(as: wanted)
            let bias = other.bias.flatMap { values[$0] }
            if let name = layer.bias, let outputs = states[layer.weight]?.shape[0] {
                states[name] = bias ?? Tensor(shape: [outputs], repeating: 0)
            }
            normalize(layer, other, values, bias: layer.bias == nil ? bias : nil)
        }
    }

    /// Fills the batch normalisation behind a layer.
    ///
    /// - Parameter bias: what the source adds and the target's layer does not.
    private mutating func normalize(
        _ layer: WeightedLayer, _ other: WeightedLayer, _ values: [String: Tensor<Float>],
        bias: Tensor<Float>?
    ) {
        guard let ours = layer.normalization else { return }
        if let theirs = other.normalization {
            for (name, source) in zip(ours.states, theirs.states) { states[name] = values[source] }
            guard let bias, let mean = states[ours.states[2]], mean.shape == bias.shape else {
                return
            }
            states[ours.states[2]] = Tensor(
                shape: mean.shape, values: zip(mean.values, bias.values).map { $0 - $1 })
            return
        }
        guard let channels = states[layer.weight]?.shape[0] else { return }
        let shape: Shape = [channels]
        let offset = bias?.shape == shape ? bias : nil
        states[ours.states[0]] = Tensor(shape: shape, repeating: 1)
        states[ours.states[1]] = offset ?? Tensor(shape: shape, repeating: 0)
        states[ours.states[2]] = Tensor(shape: shape, repeating: 0)
        states[ours.states[3]] = Tensor(shape: shape, repeating: Float(1 - ours.epsilon))
        folded.append(layer.weight)
    }

    /// Which layer of the source stands for which of the target.
    private static func matched(
        _ ours: [WeightedLayer], _ theirs: [WeightedLayer], _ source: Graph, _ target: Graph,
        _ values: [String: Tensor<Float>]
    ) -> [(WeightedLayer, WeightedLayer)] {
        let byWeight = Dictionary(theirs.map { ($0.weight, $0) }) { first, _ in first }
        let byResult = Dictionary(
            theirs.flatMap { layer in layer.results.map { ($0, layer) } }
        ) { first, _ in first }
        let named = ours.compactMap { layer -> (WeightedLayer, WeightedLayer)? in
            let module = String(layer.weight.dropLast(".weight".utf8.count))
            let found = source.labels[module].flatMap { byResult[$0] } ?? byWeight[layer.weight]
            return found.map { (layer, $0) }
        }
        guard named.isEmpty, ours.count == theirs.count else { return named }
        let pairs = Array(zip(ours, theirs))
        let agree = pairs.enumerated().allSatisfy { index, pair in
            guard let have = values[pair.1.weight]?.shape,
                let want = target.declaredState(named: pair.0.weight)?.declaration.shape
            else { return false }
            // The first may see other channels, and the last other classes.
            let isEnd = index == 0 || index == pairs.count - 1
            return isEnd ? have.rank == want.rank : have.count == want.count
        }
        return agree ? pairs : []
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
}
