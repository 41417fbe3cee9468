import CDistillPlugin

extension Optional where Wrapped == UnsafePointer<CChar> {
    /// The text behind a pointer that a plugin gave.
    ///
    /// - Throws: `plugin.table` where the pointer is null.
    func text(of field: String) throws -> String {
        guard let self else {
            throw PluginError(
                code: "plugin.table", message: "the plugin's table has no \(field)",
                hint: "every text of the table must be set")
        }
        return String(cString: self)
    }
}

extension UnsafeMutablePointer where Pointee == distill_status {
    /// Fills both texts, cut to what fits.
    func fill(code: String, message: String) {
        Self.copy(code, into: &pointee.code)
        Self.copy(message, into: &pointee.message)
    }

    private static func copy<Field>(_ text: String, into field: inout Field) {
        withUnsafeMutableBytes(of: &field) { bytes in
            let cut = text.utf8.prefix(bytes.count - 1)
            bytes.copyBytes(from: cut)
            bytes[cut.count] = 0
        }
    }
}

/// The text in a fixed field of characters, up to its NUL or its end.
func fixedText<Field>(_ field: Field) -> String {
    withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
