/// The exit status of every program that speaks the protocol.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    case ok = 0
    case failed = 1
    case usage = 2
    case unreachable = 3
    case denied = 4
    case notFound = 5
    case conflict = 6
    case retryLater = 75
}

extension ControlError {
    /// The HTTP status that carries this error.
    package var httpStatus: Int {
        if let status = ControlError.statusByCode[code] { return status }
        let kind = code.split(separator: ".").last.map(String.init) ?? code
        return ControlError.statusByKind[kind] ?? 422
    }

    /// What a program that stops because of this error exits with.
    package var exitStatus: ExitStatus {
        switch code {
        case "daemon.unreachable": return .unreachable
        case "usage": return .usage
        default: break
        }
        switch httpStatus {
        case 400, 405, 413, 431: return .usage
        case 401, 403: return .denied
        case 404: return .notFound
        case 409: return .conflict
        case 422: return code == "idempotency.mismatch" ? .conflict : .failed
        case 408, 429, 503: return .retryLater
        default: return .failed
        }
    }

    private static let statusByCode: [String: Int] = [
        "daemon.unreachable": 503,
        "daemon.stopping": 503,
        "idempotency.mismatch": 422,
        "internal": 500,
        "job.state": 409,
        "model.malformed": 422,
        "queue.full": 429,
        "request.headers_too_large": 431,
        "request.malformed": 400,
        "request.method": 405,
        "request.slow": 408,
        "request.too_large": 413,
        "usage": 400,
        "disk.full": 507,
        "worker.crashed": 500,
        "worker.missing": 500,
        "worker.silent": 500,
        "root.missing": 404,
        "root.not_readable": 422,
        "watch.stopped": 503,
    ]

    private static let statusByKind: [String: Int] = [
        "not_found": 404,
        "exists": 409,
        "in_use": 409,
        "denied": 403,
        "busy": 503,
        "too_large": 413,
        "malformed": 400,
    ]
}
