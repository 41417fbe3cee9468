/// Sine and cosine from additions and multiplications alone.
///
/// The C library's functions may differ in the last bit between versions, and a scene must come out
/// equal to the byte on every machine.
enum PortableMath {
    /// The sine and cosine of an angle given in full turns.
    ///
    /// The angle is folded to an eighth of a turn either side of a quarter; there the Taylor series
    /// to the 14th power is exact to about 1e-15.
    static func sineAndCosine(turns: Double) -> (sine: Double, cosine: Double) {
        let quarters = (turns * 4).rounded()
        let angle = (turns - quarters / 4) * (2 * Double.pi)
        let square = angle * angle
        var sine = 1.0
        var cosine = 1.0
        for step in stride(from: 13, through: 3, by: -2) {
            sine = 1 - square / Double(step * (step - 1)) * sine
        }
        for step in stride(from: 14, through: 2, by: -2) {
            cosine = 1 - square / Double(step * (step - 1)) * cosine
        }
        sine *= angle
        switch Int(quarters) & 3 {
        case 0: return (sine, cosine)
        case 1: return (cosine, -sine)
        case 2: return (-sine, -cosine)
        default: return (-cosine, sine)
        }
    }

    /// The fractional part of a number, in [0, 1) for negative numbers too.
    static func fraction(_ value: Double) -> Double {
        value - value.rounded(.down)
    }
}
