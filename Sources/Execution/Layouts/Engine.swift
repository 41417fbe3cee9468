import COneDNN

/// oneDNN's engine and stream. Belongs to the thread that runs plans.
final class Engine {
    let handle: OpaquePointer

    init() throws {
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
