/// A 3x3 matrix given by its rows.
struct Matrix3: Sendable, Equatable {
    var rows: (Vector3, Vector3, Vector3)

    init(_ first: Vector3, _ second: Vector3, _ third: Vector3) {
        rows = (first, second, third)
    }

    /// A turn about the z axis.
    ///
    /// - Parameter turns: The angle in full turns.
    static func turn(aboutZ turns: Double) -> Matrix3 {
        let (sine, cosine) = PortableMath.sineAndCosine(turns: turns)
        return Matrix3(
            Vector3(cosine, -sine, 0), Vector3(sine, cosine, 0), Vector3(0, 0, 1))
    }

    /// A turn about the x axis.
    ///
    /// - Parameter turns: The angle in full turns.
    static func turn(aboutX turns: Double) -> Matrix3 {
        let (sine, cosine) = PortableMath.sineAndCosine(turns: turns)
        return Matrix3(
            Vector3(1, 0, 0), Vector3(0, cosine, -sine), Vector3(0, sine, cosine))
    }

    var transposed: Matrix3 {
        Matrix3(
            Vector3(rows.0.x, rows.1.x, rows.2.x), Vector3(rows.0.y, rows.1.y, rows.2.y),
            Vector3(rows.0.z, rows.1.z, rows.2.z))
    }

    static func * (a: Matrix3, v: Vector3) -> Vector3 {
        Vector3(a.rows.0.dot(v), a.rows.1.dot(v), a.rows.2.dot(v))
    }

    static func * (a: Matrix3, b: Matrix3) -> Matrix3 {
        let columns = b.transposed.rows
        return Matrix3(
            Vector3(a.rows.0.dot(columns.0), a.rows.0.dot(columns.1), a.rows.0.dot(columns.2)),
            Vector3(a.rows.1.dot(columns.0), a.rows.1.dot(columns.1), a.rows.1.dot(columns.2)),
            Vector3(a.rows.2.dot(columns.0), a.rows.2.dot(columns.1), a.rows.2.dot(columns.2)))
    }

    static func == (a: Matrix3, b: Matrix3) -> Bool {
        a.rows.0 == b.rows.0 && a.rows.1 == b.rows.1 && a.rows.2 == b.rows.2
    }
}
