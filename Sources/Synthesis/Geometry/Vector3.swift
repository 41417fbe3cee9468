/// A point or direction in metres, camera convention: x right, y down, z away from the camera.
package struct Vector3: Sendable, Equatable {
    package var x: Double
    package var y: Double
    package var z: Double

    package init(_ x: Double, _ y: Double, _ z: Double) {
        self.x = x
        self.y = y
        self.z = z
    }

    static let zero = Vector3(0, 0, 0)

    package var squaredLength: Double { x * x + y * y + z * z }
    package var length: Double { squaredLength.squareRoot() }
    var normalized: Vector3 { self * (1 / length) }

    package func dot(_ other: Vector3) -> Double { x * other.x + y * other.y + z * other.z }

    package static func + (a: Vector3, b: Vector3) -> Vector3 {
        Vector3(a.x + b.x, a.y + b.y, a.z + b.z)
    }
    package static func - (a: Vector3, b: Vector3) -> Vector3 {
        Vector3(a.x - b.x, a.y - b.y, a.z - b.z)
    }
    package static func * (a: Vector3, s: Double) -> Vector3 { Vector3(a.x * s, a.y * s, a.z * s) }
    static prefix func - (a: Vector3) -> Vector3 { Vector3(-a.x, -a.y, -a.z) }
}
