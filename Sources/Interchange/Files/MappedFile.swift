import Foundation

/// Opens files of other programs, mapped into memory where the file system allows.
enum MappedFile {
    /// - Throws: `InterchangeError.unreadable` with the system's reason.
    static func open(_ url: URL) throws -> Data {
        do {
            return try Data(contentsOf: url, options: .mappedIfSafe)
        } catch {
            throw InterchangeError(
                .unreadable, file: url.path, "cannot be read: \(error.localizedDescription)",
                hint: "check that it exists and may be read")
        }
    }
}
