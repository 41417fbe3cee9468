import ControlProtocol
import Foundation

/// The machine that figures were measured on.
struct Machine: Sendable {
    var processor: String
    var cores: Int
    var memoryBytes: Int64
    var system: String

    static var current: Machine {
        let process = ProcessInfo.processInfo
        let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = information.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = model?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        return Machine(
            processor: name ?? "unknown", cores: process.activeProcessorCount,
            memoryBytes: Int64(clamping: process.physicalMemory),
            system: process.operatingSystemVersionString)
    }

    var json: JSONValue {
        .object([
            "processor": .string(processor), "cores": .integer(Int64(cores)),
            "memory_bytes": .integer(memoryBytes), "system": .string(system),
        ])
    }
}
