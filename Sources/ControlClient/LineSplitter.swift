import NIOCore

/// Cuts a stream of bytes into lines.
struct LineSplitter {
    private var pending: [UInt8] = []

    /// The lines that these bytes complete.
    mutating func split(_ buffer: ByteBuffer) -> [String] {
        var lines: [String] = []
        for byte in buffer.readableBytesView {
            if byte == 0x0A {
                lines.append(String(decoding: pending, as: UTF8.self))
                pending.removeAll(keepingCapacity: true)
            } else {
                pending.append(byte)
            }
        }
        return lines
    }

    /// What came after the last line end.
    var rest: String? {
        pending.isEmpty ? nil : String(decoding: pending, as: UTF8.self)
    }
}
