import Synthesis
import Testing

/// Ray-surface intersections against marching along the ray in small steps.
@Suite("Ray-surface intersections")
struct SolidTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var solid: Solid
        var contains: @Sendable (Vector3) -> Bool

        var testDescription: String { name }
    }

    static func across(_ p: Vector3) -> Double { (p.x * p.x + p.y * p.y).squareRoot() }

    static let cases: [Case] = [
        Case(name: "sphere", solid: .sphere(radius: 0.8)) { $0.length < 0.8 },
        Case(
            name: "box", solid: .box(low: Vector3(-0.5, -0.2, -0.7), high: Vector3(0.6, 0.4, 0.3))
        ) { $0.x > -0.5 && $0.x < 0.6 && $0.y > -0.2 && $0.y < 0.4 && $0.z > -0.7 && $0.z < 0.3 },
        Case(name: "cylinder", solid: .cylinder(radius: 0.6, halfHeight: 0.7)) {
            across($0) < 0.6 && abs($0.z) < 0.7
        },
        Case(name: "cone", solid: .cone(apex: -0.75, base: 0.45, radius: 0.8)) {
            $0.z < 0.45 && across($0) < ($0.z + 0.75) / 1.2 * 0.8
        },
        Case(name: "pyramid", solid: .pyramid(apex: -0.75, base: 0.45, halfSide: 0.7)) {
            $0.z < 0.45 && max(abs($0.x), abs($0.y)) < ($0.z + 0.75) / 1.2 * 0.7
        },
        Case(name: "bowl", solid: .bowl(outer: 0.84, inner: 0.7, rim: -0.35)) {
            let p = $0 - Vector3(0, 0, -0.35)
            return p.z > 0 && p.length < 0.84 && p.length > 0.7
        },
        Case(name: "torus", solid: .torus(major: 0.55, minor: 0.28)) {
            let ring = across($0) - 0.55
            return ring * ring + $0.z * $0.z < 0.28 * 0.28
        },
    ]

    @Test("The first crossing and its normal", arguments: cases)
    func crossing(_ example: Case) {
        var state: UInt64 = 41
        func unit() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) * 0x1p-53 * 2 - 1
        }
        var hits = 0
        for _ in 0..<400 {
            // From a point well outside towards a point near the solid.
            let origin = Vector3(unit() * 3, unit() * 3, unit() < 0 ? -3 : 3)
            let target = Vector3(unit(), unit(), unit())
            let ray = Ray(origin: origin, direction: (target - origin) * 0.5)
            let step = 1.0 / 1024
            let entered = (0..<4096).first { example.contains(ray.point(at: Double($0) * step)) }
            let crossing = example.solid.crossing(with: ray)
            guard let entered else {
                // A ray that grazes may cross between two steps.
                if let crossing {
                    let inside = ray.point(at: crossing.t + step / 64)
                    let across = abs(crossing.normal.dot(ray.direction)) / crossing.normal.length
                    #expect(example.contains(inside) || across < 0.4, "\(ray)")
                }
                continue
            }
            hits += 1
            guard let crossing else {
                Issue.record("\(ray) should meet the solid")
                continue
            }
            #expect(crossing.t <= Double(entered) * step + 1e-9, "\(ray)")
            #expect(crossing.t >= Double(entered - 1) * step - 1e-9, "\(ray)")
            let normal = crossing.normal * (1e-4 / crossing.normal.length)
            #expect(crossing.normal.dot(ray.direction) < 0, "\(ray)")
            #expect(!example.contains(ray.point(at: crossing.t) + normal), "\(ray)")
        }
        #expect(hits > 50)
    }
}
