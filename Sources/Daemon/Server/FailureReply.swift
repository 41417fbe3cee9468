import Configuration
import ControlProtocol
import Foundation
import Logging

/// Turns every error that reaches the socket into the protocol's.
enum FailureReply {
    static func of(_ error: any Error, _ logger: Logger) -> ControlError {
        if let known = known(error) { return known }
        logger.error("a request failed", metadata: ["error": "\(error)"])
        return ControlError(
            "internal", "\(error)", hint: "the daemon's log may say more", retryable: true)
    }

    /// The protocol's words for an error of a known kind.
    static func known(_ error: any Error) -> ControlError? {
        switch error {
        case let error as ControlError: error
        case let error as ConfigurationError: of(error)
        case is CancellationError:
            ControlError(
                "daemon.stopping", "the daemon is stopping", hint: "try again in a moment",
                retryable: true)
        default: ofCatalog(error) ?? ofWatching(error)
        }
    }

    static func of(_ error: ConfigurationError, topic: String = "recipe") -> ControlError {
        var details: [String: JSONValue] = ["file": .string(error.file)]
        if !error.keyPath.isEmpty { details["key"] = .string(error.keyPath) }
        if let line = error.line { details["line"] = .integer(Int64(line)) }
        if let column = error.column { details["column"] = .integer(Int64(column)) }
        return ControlError(
            "\(topic).\(error.code.rawValue)", error.message,
            hint: error.hint.isEmpty ? nil : error.hint, details: details)
    }
}
