/// The ten classes of the task `shape`; seen from the front, several share each silhouette.
package enum ShapeClass: Int, CaseIterable, Sendable {
    case sphere
    case bowl
    case disc
    case cylinder
    case cone
    case cube
    case pyramid
    case torus
    case lBracket
    case stairs

    /// The label as it stands in labels.csv.
    package var name: String {
        switch self {
        case .sphere: "sphere"
        case .bowl: "bowl"
        case .disc: "disc"
        case .cylinder: "cylinder"
        case .cone: "cone"
        case .cube: "cube"
        case .pyramid: "pyramid"
        case .torus: "torus"
        case .lBracket: "l-bracket"
        case .stairs: "stairs"
        }
    }
}

extension ShapeClass {
    /// A ball of this radius about the origin of own coordinates holds every class's solids.
    static let extent = 1.25

    /// The class's solids, front towards -z, with proportions drawn from `random`.
    func solids(drawnFrom random: inout SceneRandom) -> [Solid] {
        let first = random.uniform(-1, 1)
        let second = random.uniform(-1, 1)
        switch self {
        case .sphere:
            return [.sphere(radius: 0.8)]
        case .bowl:
            return [.bowl(outer: 0.84, inner: 0.72 + 0.03 * first, rim: -0.35)]
        case .disc:
            return [.cylinder(radius: 0.82, halfHeight: 0.1 + 0.03 * first)]
        case .cylinder:
            return [.cylinder(radius: 0.6 + 0.06 * first, halfHeight: 0.74 + 0.08 * second)]
        case .cone:
            return [.cone(apex: -0.75 + 0.15 * first, base: 0.45, radius: 0.82)]
        case .cube:
            let side = Vector3(0.6 + 0.05 * first, 0.6 + 0.05 * second, 0.6)
            return [.box(low: -side, high: side)]
        case .pyramid:
            return [.pyramid(apex: -0.75 + 0.15 * first, base: 0.45, halfSide: 0.68)]
        case .torus:
            return [.torus(major: 0.52, minor: 0.32 + 0.03 * first)]
        case .lBracket:
            return Self.bracket(thickness: 0.28 + 0.05 * first, front: -0.62 + 0.1 * second)
        case .stairs:
            return Self.staircase(front: -0.78 + 0.08 * first, back: 0.58)
        }
    }

    /// A plate with an upright along one side.
    private static func bracket(thickness: Double, front: Double) -> [Solid] {
        let half = 0.66
        let back = 0.5
        return [
            .box(
                low: Vector3(-half, -half, back - thickness), high: Vector3(half, half, back)),
            .box(low: Vector3(-half, -half, front), high: Vector3(-half + thickness, half, back)),
        ]
    }

    /// Three steps, highest on one side.
    private static func staircase(front: Double, back: Double) -> [Solid] {
        let half = 0.66
        return (0..<3).map { step in
            let left = -half + 2 * half * Double(step) / 3
            let top = front + (back - front) * Double(step) / 3
            return .box(
                low: Vector3(left, -half, top), high: Vector3(left + 2 * half / 3, half, back))
        }
    }
}
