import CDistillPlugin
import Foundation
import Synchronization

/// Where lines go that plugins write through the host's table.
package enum PluginLog {
    /// The severity of a line.
    package enum Level: Int32, Sendable {
        case debug, info, warning, error
    }

    /// Receives lines from any thread.
    package typealias Handler = @Sendable (Level, String) -> Void

    private static let handler = Mutex<Handler>({ level, line in
        FileHandle.standardError.write(Data("plugin \(level): \(line)\n".utf8))
    })

    /// Sends further lines to `receiver` instead of stderr.
    package static func send(to receiver: @escaping Handler) {
        handler.withLock { $0 = receiver }
    }

    static func write(_ level: Int32, _ line: String) {
        handler.withLock { $0 }(Level(rawValue: level) ?? .error, line)
    }
}

/// The host's table as plugins keep it: one value for the life of the process.
///
/// `@unchecked Sendable`: the memory is written once, before the pointer is given to anybody.
struct HostTable: @unchecked Sendable {
    let pointer: UnsafePointer<distill_host>

    static let shared = HostTable()

    private init() {
        let table = UnsafeMutablePointer<distill_host>.allocate(capacity: 1)
        table.initialize(
            to: distill_host(
                struct_size: UInt32(MemoryLayout<distill_host>.size),
                abi_major: UInt16(DISTILL_ABI_MAJOR), abi_minor: UInt16(DISTILL_ABI_MINOR),
                context: nil,
                log: { _, level, message in
                    guard let message else { return }
                    PluginLog.write(level, String(cString: message))
                }))
        pointer = UnsafePointer(table)
    }
}
