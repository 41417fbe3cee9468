import Foundation

/// The C library's functions that metrics use, under their full names.
enum Numeric {
    static func exponential(_ x: Double) -> Double { exp(x) }
    static func logarithm(_ x: Double) -> Double { log(x) }
    static func logGamma(_ x: Double) -> Double { lgamma(x) }
}
