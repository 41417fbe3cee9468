package import CDistillPlugin

/// Why a plugin could not do what it was asked: what was found, expected and to be done.
package struct PluginFailure: Error, Sendable, Hashable {
    /// A stable dotted code, such as `file.truncated`.
    package var code: String
    /// One sentence for the user; the host puts the file's path before it.
    package var message: String

    /// Makes a failure from its parts.
    package init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// Runs `body` at the C boundary: 0 on success, else 1 with `status` filled.
package func reporting(
    to status: UnsafeMutablePointer<distill_status>?, _ body: () throws -> Void
) -> Int32 {
    do {
        try body()
        return 0
    } catch let failure as PluginFailure {
        status?.fill(failure)
        return 1
    } catch {
        status?.fill(PluginFailure("plugin.internal", "\(error)"))
        return 1
    }
}

extension UnsafeMutablePointer where Pointee == distill_status {
    fileprivate func fill(_ failure: PluginFailure) {
        fillText(&pointee.code, with: failure.code)
        fillText(&pointee.message, with: failure.message)
    }
}

/// Writes `text` into a fixed field of characters, cut to what fits and closed by NUL.
package func fillText<Field>(_ field: inout Field, with text: String) {
    withUnsafeMutableBytes(of: &field) { bytes in
        var cut = Array(text.utf8.prefix(bytes.count - 1))
        // Never end in the middle of a character.
        while cut.count < text.utf8.count, let last = cut.last, last & 0x80 != 0 {
            cut.removeLast()
            if last & 0xC0 == 0xC0 { break }
        }
        bytes.copyBytes(from: cut)
        bytes[cut.count] = 0
    }
}

/// The text in a fixed field of characters, up to its NUL or its end.
package func fixedText<Field>(_ field: Field) -> String {
    withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

/// A literal as a C string that lives as long as the process.
package func cLiteral(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// A table that plugins hand out: written once, never freed.
///
/// `@unchecked Sendable`: the memory is initialised before anybody else sees the pointer and is
/// only read afterwards.
package struct ConstantTable<Table>: @unchecked Sendable {
    package let pointer: UnsafePointer<Table>

    /// Places `tables` one behind the other in memory that stays.
    package init(_ tables: [Table]) {
        let memory = UnsafeMutablePointer<Table>.allocate(capacity: max(tables.count, 1))
        memory.initialize(from: tables, count: tables.count)
        pointer = UnsafePointer(memory)
    }
}
