/// Everything that is in one picture.
struct Scene: Sendable {
    struct Item: Sendable {
        var body: Body
        var surface: Surface
    }

    /// A wall or a floor.
    struct Ground: Sendable {
        var plane: Plane
        var surface: Surface
    }

    /// A lamp far away and the light from everywhere.
    struct Light: Sendable {
        /// Points from the surface to the lamp.
        var direction: Vector3
        var lamp: Colour
        var ambient: Double
    }

    var identity: SceneIdentity
    /// The labelled object first, then distractors and what stands in front.
    var items: [Item]
    var grounds: [Ground]
    var light: Light
}

/// What the labels say about a scene.
package struct SceneIdentity: Sendable, Equatable {
    /// The labelled object's class.
    package var shape: ShapeClass
    /// The class whose palette the object wears.
    package var palette: ShapeClass
    /// The wall's hue.
    package var wall: Hue

    /// Whether the palette belongs to another class.
    package var contradicting: Bool { palette != shape }

    /// Draws a scene's identity.
    ///
    /// Every ten scenes in a row hold each class once, in random order; the wall's hue is uniform and
    /// independent; the palette is the class's own with probability `rho`, otherwise any of the ten.
    init(seed: UInt64, index: Int, rho: Double) {
        let classes = ShapeClass.allCases
        var order = Array(classes)
        var balance = SceneRandom(seed: seed, index: index / classes.count, stream: .balance)
        for last in stride(from: order.count - 1, to: 0, by: -1) {
            order.swapAt(last, balance.below(last + 1))
        }
        shape = order[index % classes.count]
        var random = SceneRandom(seed: seed, index: index, stream: .identity)
        wall = Hue.allCases[random.below(Hue.allCases.count)]
        let other = classes[random.below(classes.count)]
        palette = random.chance(rho) ? shape : other
    }
}
