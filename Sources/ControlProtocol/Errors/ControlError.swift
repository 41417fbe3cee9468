/// What went wrong with a request, as the protocol carries it and programs act on it.
///
/// On the wire: `{"error":{"code","message","hint","retryable","details"}}`.
package struct ControlError: Error, Sendable, Hashable {
    /// A stable dotted code such as `dataset.not_found`; the part behind the last dot says the
    /// kind.
    package var code: String
    /// What was found and what was expected.
    package var message: String
    /// What to do about it.
    package var hint: String?
    /// Whether the same request may succeed later.
    package var retryable: Bool
    package var details: [String: JSONValue]

    package init(
        _ code: String, _ message: String, hint: String? = nil, retryable: Bool = false,
        details: [String: JSONValue] = [:]
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryable = retryable
        self.details = details
    }
}

extension ControlError: CustomStringConvertible {
    package var description: String {
        if let hint { "\(message) (\(code))\n\(hint)" } else { "\(message) (\(code))" }
    }
}

extension ControlError: Codable {
    private enum CodingKeys: String, CodingKey {
        case code, message, hint, retryable, details
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        code = try values.decode(String.self, forKey: .code)
        message = try values.decode(String.self, forKey: .message)
        hint = try values.decodeIfPresent(String.self, forKey: .hint)
        retryable = try values.decodeIfPresent(Bool.self, forKey: .retryable) ?? false
        details = try values.decodeIfPresent([String: JSONValue].self, forKey: .details) ?? [:]
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(code, forKey: .code)
        try values.encode(message, forKey: .message)
        try values.encode(hint, forKey: .hint)
        try values.encode(retryable, forKey: .retryable)
        try values.encode(details, forKey: .details)
    }
}

/// The body of every reply that is not a success.
package struct ErrorReply: Codable, Sendable {
    package var error: ControlError

    package init(_ error: ControlError) {
        self.error = error
    }
}
