/// Reads the attributes of one encoding operation with errors that name it.
struct EncodingAttributes {
    let operation: String
    let values: [String: [Double]]

    func refuseUnknown(besides known: [String]) throws {
        for name in values.keys.sorted() where !known.contains(name) {
            let expected =
                known.isEmpty ? "it takes none" : "it takes \(known.joined(separator: ", "))"
            throw failure("has no attribute `\(name)`; \(expected)")
        }
    }

    func number(_ name: String, default fallback: Double) throws -> Double {
        guard let list = values[name] else { return fallback }
        guard list.count == 1, !list[0].isNaN else {
            throw failure("attribute `\(name)` is one number, got \(list)")
        }
        return list[0]
    }

    /// A whole number; without `fallback` it must be given.
    func integer(_ name: String, default fallback: Int? = nil) throws -> Int {
        guard let list = values[name] else {
            guard let fallback else { throw failure("needs the attribute `\(name)`") }
            return fallback
        }
        guard list.count == 1 else {
            throw failure("attribute `\(name)` is one whole number, got \(list)")
        }
        return try whole(list[0], name)
    }

    /// Vertical and horizontal value, given as one number or two.
    func pair(_ name: String, default fallback: Int, atLeast minimum: Int) throws -> [Int] {
        let list = values[name] ?? [Double(fallback)]
        guard list.count == 1 || list.count == 2 else {
            throw failure("attribute `\(name)` is one whole number or two, got \(list)")
        }
        let numbers = try list.map { try whole($0, name) }
        guard numbers.allSatisfy({ $0 >= minimum }) else {
            throw failure("attribute `\(name)` is at least \(minimum), got \(list)")
        }
        return numbers.count == 1 ? [numbers[0], numbers[0]] : numbers
    }

    private func whole(_ value: Double, _ name: String) throws -> Int {
        guard let result = Int(exactly: value) else {
            throw failure("attribute `\(name)` is a whole number, got \(value)")
        }
        return result
    }

    private func failure(_ message: String) -> NetworkError {
        NetworkError(.operation, context: operation, message)
    }
}
