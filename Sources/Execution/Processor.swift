import CKernels
import COneDNN
import Foundation

/// What the machine's processor offers to the executor.
package enum Processor {
    /// Processors that this process may use.
    package static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// A class of processor, each with all that the one before it has.
    package enum Kind: UInt32, Sendable, CaseIterable {
        case baseline = 0
        case avx2, avx512, bf16
    }

    /// The class in use: the processor's own, or the lower one that `DISTILL_PROCESSOR` names.
    package static var kind: Kind { Kind(rawValue: distill_processor().rawValue) ?? .baseline }
    /// Whether `DISTILL_PROCESSOR` names a class below the processor's own.
    package static var isLowered: Bool {
        distill_processor().rawValue < distill_processor_detected().rawValue
    }

    /// Checks that `DISTILL_PROCESSOR` names a class.
    ///
    /// - Throws: `ExecutionError.library` with what it says instead.
    package static func checkRequest() throws {
        guard let found = distill_processor_unknown() else { return }
        throw ExecutionError(
            .library,
            "DISTILL_PROCESSOR is \"\(String(cString: found))\", expected avx2, avx512 or bf16")
    }

    package static var hasAVX2: Bool { distill_processor_has("avx2") != 0 }
    package static var hasAVX512: Bool { distill_processor_has("avx512f") != 0 }
    /// Whether bfloat16 products are computed in hardware.
    package static var hasBFloat16: Bool { distill_processor_has("avx512bf16") != 0 }

    /// Whether products of bytes are summed up in 32 bits in hardware, without saturating on the way.
    package static var hasInt8: Bool { distill_processor_has("avx512vnni") != 0 }

    /// The instruction sets in use, for people.
    package static var features: [String] {
        var names: [String] = []
        if hasAVX2 { names.append("avx2") }
        if hasAVX512 { names.append("avx512") }
        if hasBFloat16 { names.append("bf16") }
        if hasInt8 { names.append("int8") }
        return names.isEmpty ? ["baseline"] : names
    }

    /// Bytes that the process has allocated and not freed: what stays equal while plans run.
    package static var allocatedByteCount: Int { Int(distill_allocated_bytes()) }

    /// The version of oneDNN that is linked.
    package static var neuralNetworkLibrary: String {
        "oneDNN " + String(cString: distill_onednn_version())
    }
}
