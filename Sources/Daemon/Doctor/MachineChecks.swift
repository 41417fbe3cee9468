import ControlProtocol
import Foundation

/// Processor, memory and threads.
enum MachineChecks {
    static func all(threads: Int) -> [DoctorReply.Check] {
        [processor, memory, self.threads(threads)]
    }

    private static var processor: DoctorReply.Check {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let flags = features(cpuInfo: text)
        let request = ProcessInfo.processInfo.environment["DISTILL_PROCESSOR"] ?? ""
        guard ["", "avx2", "avx512", "bf16"].contains(request) else {
            return DoctorReply.Check(
                "cpu", .failed, "DISTILL_PROCESSOR is \"\(request)\": no worker will start",
                hint: "set it to avx2, avx512 or bf16 in the service's environment, or unset it")
        }
        let named = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"].filter { flags.contains($0) }
        let precision =
            flags.contains("avx512_bf16") && ["", "bf16"].contains(request)
            ? "training computes in bfloat16"
            : "training computes in float32, as there are no bfloat16 products"
        let words =
            "\(model(cpuInfo: text)): \(named.isEmpty ? "no AVX2" : named.joined(separator: ", "))"
            + "; \(precision)" + (request.isEmpty ? "" : " (DISTILL_PROCESSOR is \(request))")
        return flags.contains("avx2")
            ? DoctorReply.Check("cpu", .ok, words)
            : DoctorReply.Check(
                "cpu", .warning, words, hint: "training works but is slow without AVX2")
    }

    /// The instruction sets that /proc/cpuinfo lists for the first processor.
    static func features(cpuInfo: String) -> Set<Substring> {
        let line = cpuInfo.split(separator: "\n").first { $0.hasPrefix("flags") }
        return Set(line?.split(separator: " ") ?? [])
    }

    private static func model(cpuInfo: String) -> String {
        let line = cpuInfo.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = line?.split(separator: ":", maxSplits: 1).last
        return name?.trimmingCharacters(in: .whitespaces) ?? "unknown processor"
    }

    private static var memory: DoctorReply.Check {
        let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        func mebibytes(_ name: String) -> Int {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            let fields = line?.split(separator: " ") ?? []
            return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) / 1024
        }
        let (total, available) = (mebibytes("MemTotal"), mebibytes("MemAvailable"))
        let words = "\(available) of \(total) MiB available"
        return available < 1024
            ? DoctorReply.Check(
                "memory", .warning, words, hint: "training a small network takes about 1 GiB")
            : DoctorReply.Check("memory", .ok, words)
    }

    private static func threads(_ configured: Int) -> DoctorReply.Check {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        if configured > cores {
            return DoctorReply.Check(
                "threads", .warning, "\(configured) configured, \(cores) processors",
                hint: "more threads than processors slow training down: lower `threads`")
        }
        return DoctorReply.Check(
            "threads", .ok, "\(configured > 0 ? configured : cores) of \(cores) processors")
    }
}
