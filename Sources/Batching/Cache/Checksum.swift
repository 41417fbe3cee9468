/// A fast 64-bit checksum against torn writes and flipped bits; not against malice.
///
/// Eight bytes a step, each multiplied and rotated into the sum; the length ends it.
package enum Checksum {
    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var sum: UInt64 = 0x9E37_79B9_7F4A_7C15
        let words = bytes.count / 8
        for word in 0..<words {
            let value = bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
            sum = (sum ^ value) &* 0xD6E8_FEB8_6659_FD93 &+ 0x2545_F491_4F6C_DD1D
            sum = (sum << 29) | (sum >> 35)
        }
        for offset in (words * 8)..<bytes.count {
            sum = (sum ^ UInt64(bytes[offset])) &* 0x0000_0100_0000_01B3
        }
        return (sum ^ UInt64(bytes.count)) &* 0x2545_F491_4F6C_DD1D
    }
}
