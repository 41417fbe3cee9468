/// Makes pairs of colour and depth pictures of random scenes with exact geometry.
///
/// Scene `index` depends on the seed and the index only: not on how many scenes there are, on the
/// picture's size or on the number of threads. A pair is equal to the byte wherever it is rendered.
package struct SceneGenerator: Sendable {
    package let options: SynthesisOptions
    private let splitNames: [Int]

    /// - Throws: ``SynthesisError`` with code `invalidOption`.
    package init(_ options: SynthesisOptions) throws {
        try options.validate()
        _ = try DatasetLayouts.named(options.layout)
        self.options = options
        splitNames = Self.deal(options.pairs, to: options.splits.map(\.share))
    }

    /// The camera that every scene is seen with.
    package var camera: Camera { Camera(width: options.width, height: options.height) }

    /// Renders one scene in memory.
    ///
    /// - Parameter index: Any scene, also beyond `options.pairs`.
    package func render(_ index: Int) -> RenderedPair {
        precondition(index >= 0, "a scene's index is not negative")
        let scene = SceneComposer(seed: options.seed, rho: options.rho).scene(index)
        return Renderer(camera: camera, seed: options.seed, sensorNoise: options.sensorNoise)
            .render(scene, index: index)
    }

    /// What the labels say about a scene, without rendering it.
    package func identity(_ index: Int) -> SceneIdentity {
        SceneIdentity(seed: options.seed, index: index, rho: options.rho)
    }

    /// The name of the split that a scene belongs to.
    package func split(_ index: Int) -> String {
        precondition(options.pairs > index, "scene \(index) is not one of \(options.pairs)")
        return options.splits[splitNames[index]].name
    }

    /// Deals scenes to splits: each goes to the split that lags its share most.
    private static func deal(_ count: Int, to shares: [Double]) -> [Int] {
        let total = shares.reduce(0, +)
        var dealt = [Int](repeating: 0, count: shares.count)
        return (0..<count).map { index in
            var choice = 0
            var greatestLag = -Double.infinity
            for split in shares.indices where shares[split] > 0 {
                let lag = shares[split] / total * Double(index + 1) - Double(dealt[split])
                if lag > greatestLag + 1e-9 {
                    greatestLag = lag
                    choice = split
                }
            }
            dealt[choice] += 1
            return choice
        }
    }
}
