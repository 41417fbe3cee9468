import COneDNN

/// oneDNN's engine and stream. Belongs to the thread that runs plans.
final class Engine {
    let handle: OpaquePointer

    /// oneDNN's status after it was told of a slower class of processor, once a process.
    private static let limit: distill_status = {
        guard Processor.isLowered else { return 0 }
        return switch Processor.kind {
        case .baseline, .avx2: distill_onednn_limit(DISTILL_INSTRUCTIONS_AVX2)
        case .avx512: distill_onednn_limit(DISTILL_INSTRUCTIONS_AVX512)
        case .bf16: distill_onednn_limit(DISTILL_INSTRUCTIONS_BF16)
        }
    }()

    init() throws {
        guard Engine.limit == 0 else {
            throw Engine.failure(Engine.limit, "oneDNN does not compute as \(Processor.kind)")
        }
        var handle: OpaquePointer?
        let status = distill_engine_create(&handle)
        guard status == 0, let handle else {
            throw Engine.failure(status, "oneDNN cannot use this processor")
        }
        self.handle = handle
    }

    deinit { distill_engine_destroy(handle) }

    static func failure(_ status: distill_status, _ what: String) -> ExecutionError {
        ExecutionError(
            .library,
            "\(what): oneDNN says \"\(String(cString: distill_status_text(status)))\" "
                + "(status \(status))")
    }
}
