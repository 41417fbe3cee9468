import Foundation

/// What the machine has to give.
package enum SystemMemory {
    /// Bytes that can be taken without pushing anything else out, nil where the system does not say.
    package static var available: Int? {
        guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
            return nil
        }
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let fields = line?.split(separator: " ") ?? []
        return fields.count > 1 ? Int(fields[1]).map { $0 * 1024 } : nil
    }

    /// Refuses what the machine as a whole does not have; a limit of the process's own group is not looked at.
    ///
    /// - Parameter what: begins the message, such as "the plan's values".
    /// - Throws: `ExecutionError.outOfMemory`.
    package static func require(_ byteCount: Int, for what: String) throws {
        // Small blocks are not worth asking for.
        guard byteCount >= 256 << 20, let available, byteCount > available else { return }
        throw ExecutionError(
            .outOfMemory,
            "\(what) need \(byteCount >> 20) MiB of memory, of which \(available >> 20) MiB are available"
        )
    }
}
