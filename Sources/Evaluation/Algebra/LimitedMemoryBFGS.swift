import COpenBLAS

/// Minimises a smooth function of many numbers from its gradient.
///
/// The step's direction is that of L-BFGS, its length is halved until the value falls enough (Armijo's rule).
/// - Reference: Nocedal, Wright 2006, "Numerical optimization", algorithms 7.4 and 7.5.
struct LimitedMemoryBFGS {
    var history = 10
    var iterations = 300
    /// Stops where no element of the gradient is greater.
    var tolerance = 1e-8

    /// A function's value and gradient at one point.
    typealias Function = (_ point: [Double]) -> (value: Double, gradient: [Double])

    /// One remembered step: the way, the change of the gradient, and the inverse of their product.
    private struct Step {
        let way: [Double]
        let change: [Double]
        let inverse: Double
    }

    func minimize(from start: [Double], _ function: Function) -> (point: [Double], value: Double) {
        var point = start
        var (value, gradient) = function(point)
        var steps: [Step] = []
        for _ in 0..<iterations where gradient.contains(where: { abs($0) > tolerance }) {
            let direction = direction(gradient, steps)
            let slope = dot(direction, gradient)
            guard slope < 0 else { break }
            var length = steps.isEmpty ? min(1, 1 / dot(gradient, gradient).squareRoot()) : 1.0
            var next = function(moved(point, by: length, along: direction))
            while !(next.value <= value + 1e-4 * length * slope) {
                length /= 2
                // At the limits of rounding nothing falls any more.
                if length < 1e-20 { return (point, value) }
                next = function(moved(point, by: length, along: direction))
            }
            let way = direction.map { $0 * length }
            let change = zip(next.gradient, gradient).map { $0 - $1 }
            let product = dot(way, change)
            if product > 1e-14 * dot(change, change) {
                steps.append(Step(way: way, change: change, inverse: 1 / product))
                if steps.count > history { steps.removeFirst() }
            }
            point = moved(point, by: length, along: direction)
            (value, gradient) = next
        }
        return (point, value)
    }

    /// Minus the estimated inverse Hessian times the gradient, by the two-loop recursion.
    private func direction(_ gradient: [Double], _ steps: [Step]) -> [Double] {
        var direction = gradient.map { -$0 }
        var shares: [Double] = []
        for step in steps.reversed() {
            let share = step.inverse * dot(step.way, direction)
            shares.append(share)
            direction = moved(direction, by: -share, along: step.change)
        }
        if let last = steps.last {
            let scale = 1 / (last.inverse * dot(last.change, last.change))
            for index in direction.indices { direction[index] *= scale }
        }
        for (step, share) in zip(steps, shares.reversed()) {
            let other = step.inverse * dot(step.change, direction)
            direction = moved(direction, by: share - other, along: step.way)
        }
        return direction
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double {
        cblas_ddot(Int32(a.count), a, 1, b, 1)
    }

    private func moved(_ point: [Double], by length: Double, along way: [Double]) -> [Double] {
        var result = point
        cblas_daxpy(Int32(point.count), length, way, 1, &result, 1)
        return result
    }
}
