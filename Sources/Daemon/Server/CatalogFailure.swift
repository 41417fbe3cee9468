import Catalog
import ControlProtocol
import Foundation

extension FailureReply {
    /// The catalog's errors in the protocol's words.
    static func ofCatalog(_ error: any Error) -> ControlError? {
        guard let error = error as? CatalogError else { return nil }
        let hint = error.hint.isEmpty ? nil : error.hint
        switch error.code {
        case .notFound:
            return ControlError("\(topic(error)).not_found", error.message, hint: hint)
        case .conflict:
            let isInUse = error.message.hasPrefix("job ")
            return ControlError(
                "\(topic(error)).\(isInUse ? "in_use" : "exists")", error.message, hint: hint)
        case .invalidState:
            return ControlError("job.state", error.message, hint: hint)
        case .queueFull:
            return ControlError("queue.full", error.message, hint: hint, retryable: true)
        case .diskFull:
            return ControlError("disk.full", error.message, hint: hint, retryable: true)
        case .corrupt, .newerSchema:
            return ControlError("catalog.\(error.code.rawValue)", error.message, hint: hint)
        case .unavailable, .failed:
            return ControlError("internal", error.message, hint: hint, retryable: true)
        }
    }

    /// What the message is about: it names the kind of thing first.
    private static func topic(_ error: CatalogError) -> String {
        let kinds = [
            ("data set", "dataset"), ("model", "model"), ("sample", "sample"), ("column", "column"),
            ("job", "job"),
        ]
        let places = kinds.compactMap { words, topic in
            error.message.range(of: words).map { ($0.lowerBound, topic) }
        }
        return places.min { $0.0 < $1.0 }?.1 ?? "catalog"
    }
}
