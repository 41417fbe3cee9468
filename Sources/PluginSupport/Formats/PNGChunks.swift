/// The chunks of a PNG file, walked over without decoding anything.
package enum PNGChunks {
    package static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Checks that the chunks follow one another up to the end chunk.
    ///
    /// - Throws: `file.truncated`.
    package static func checkComplete(_ file: SampleFile) throws {
        let bytes = file.bytes
        var position = signature.count
        while position + 12 <= bytes.count {
            let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            let isEnd = bytes[position + 4..<position + 8].elementsEqual("IEND".utf8)
            position += 12 + length
            if isEnd, position <= bytes.count { return }
        }
        throw PluginFailure(
            "file.truncated", "the file ends after \(bytes.count) bytes without PNG's end chunk")
    }
}

/// What a codec reported, by the numbers that its shim uses.
package func codecFailure(_ format: String, code: Int32, message: String) -> PluginFailure {
    let name =
        switch code {
        case 1: "file.truncated"
        case 3: "file.size"
        case 4: "file.unsupported"
        default: "file.corrupt"
        }
    return PluginFailure(name, "its \(format) data is not usable: \(message)")
}
