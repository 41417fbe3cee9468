import COpenBLAS

/// A square matrix of doubles in row-major order, for Gram matrices and what LAPACK does to them.
struct SquareMatrix {
    let order: Int
    var values: [Double]

    init(order: Int) {
        self.order = order
        values = [Double](repeating: 0, count: order * order)
    }

    subscript(row: Int, column: Int) -> Double {
        get { values[row * order + column] }
        set { values[row * order + column] = newValue }
    }

    /// The eigenvalues of a symmetric matrix, ascending.
    func eigenvalues() throws -> [Double] {
        guard order > 0 else { return [] }
        var matrix = values
        var found = [Double](repeating: 0, count: order)
        var n = Int32(order)
        var info: Int32 = 0
        var workSize: Double = 0
        var integerSize: Int32 = 0
        var query: Int32 = -1
        dsyevd_(
            "N", "U", &n, &matrix, &n, &found, &workSize, &query, &integerSize, &query, &info)
        var workLength = Int32(max(1, workSize))
        var integerLength = max(1, integerSize)
        var work = [Double](repeating: 0, count: Int(workLength))
        var integers = [Int32](repeating: 0, count: Int(integerLength))
        dsyevd_(
            "N", "U", &n, &matrix, &n, &found, &work, &workLength, &integers, &integerLength, &info)
        guard info == 0 else {
            throw EvaluationError(
                code: .algebraFailed, context: "eigenvalues",
                message: "LAPACK dsyevd stopped with \(info) on a matrix of order \(order)")
        }
        return found
    }

    /// Solves `A X = B` for a symmetric positive definite matrix.
    ///
    /// - Parameter right: `[count, order]`: each row is one right-hand side; the result likewise.
    func solvingPositiveDefinite(_ right: [Double], count: Int) throws -> [Double] {
        var matrix = values
        var solution = right
        var n = Int32(order)
        var sides = Int32(count)
        var info: Int32 = 0
        dpotrf_("U", &n, &matrix, &n, &info)
        guard info == 0 else {
            throw EvaluationError(
                code: .algebraFailed, context: "linear system",
                message: "LAPACK dpotrf stopped with \(info): the matrix of order \(order) is not "
                    + "positive definite; use a greater ridge strength")
        }
        dpotrs_("U", &n, &sides, &matrix, &n, &solution, &n, &info)
        return solution
    }
}
