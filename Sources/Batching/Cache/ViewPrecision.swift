import CKernels

/// How the values of a view are kept; what is computed live is rounded alike.
package enum ViewPrecision: String, Sendable, CaseIterable {
    /// Values of 0...1 in steps of 1/255: what the pixels of a picture had before they were resized.
    case bytes = "8 bit"
    case half = "float16"
    case single = "float32"

    /// Reflectance in 8 bits, metres as they are, any other unit in float16.
    package init(unit: String) {
        switch unit {
        case "reflectance": self = .bytes
        case "metres": self = .single
        default: self = .half
        }
    }

    package var bytesPerValue: Int {
        switch self {
        case .bytes: 1
        case .half: 2
        case .single: 4
        }
    }

    /// Values as they are kept.
    ///
    /// - Parameter record: `bytesPerValue` bytes a value.
    package func encode(
        _ values: UnsafeBufferPointer<Float>, into record: UnsafeMutableRawBufferPointer
    ) {
        precondition(record.count == values.count * bytesPerValue)
        guard let target = record.baseAddress, let source = values.baseAddress else { return }
        switch self {
        case .bytes:
            // Adding 1.5 * 2^23 rounds to the nearest even and leaves the number in the low bits.
            for index in 0..<values.count {
                let value = source[index]
                let limited = value > 0 ? (value < 1 ? value : 1) : 0
                let shifted = limited * 255 + 12_582_912
                record[index] = UInt8(truncatingIfNeeded: shifted.bitPattern)
            }
        case .half:
            distill_float_to_half(
                source, target.assumingMemoryBound(to: UInt16.self), Int64(values.count))
        case .single:
            record.copyMemory(from: UnsafeRawBufferPointer(values))
        }
    }

    /// Kept values as numbers.
    package func decode(
        _ record: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(record.count == values.count * bytesPerValue)
        guard let source = record.baseAddress, let target = values.baseAddress else { return }
        switch self {
        case .bytes:
            for index in 0..<values.count { target[index] = Float(record[index]) * (1 / 255) }
        case .half:
            distill_half_to_float(
                source.assumingMemoryBound(to: UInt16.self), target, Int64(values.count))
        case .single:
            UnsafeMutableRawBufferPointer(values).copyMemory(from: record)
        }
    }
}
