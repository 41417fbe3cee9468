import CDistillPlugin
package import Configuration

/// One value of a modality's section in dataset.toml, or one parameter of an encoding.
package enum PluginOption: Sendable, Hashable, Codable {
    case string(String)
    case number(Double)
    case boolean(Bool)
}

/// Options by name, as the plugin knows them.
package typealias PluginOptions = [String: PluginOption]

extension PluginOption {
    /// Takes a value as a file of settings gives it.
    package init(_ scalar: ConfigurationScalar) {
        switch scalar {
        case .string(let value): self = .string(value)
        case .number(let value): self = .number(value)
        case .boolean(let value): self = .boolean(value)
        }
    }
}

extension PluginOption: ExpressibleByStringLiteral, ExpressibleByFloatLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(integerLiteral value: Int) { self = .number(Double(value)) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
}

/// Lends the options to C for the length of a call, in the order of their names.
func withCOptions<Result>(
    _ options: PluginOptions, _ body: (UnsafePointer<distill_options>) throws -> Result
) rethrows -> Result {
    // Every string of every option one behind the other, each closed by NUL.
    var text: [CChar] = []
    func append(_ string: String) -> Int {
        defer { text += string.utf8CString }
        return text.count
    }
    let sorted = options.sorted { $0.key < $1.key }
    let places = sorted.map { name, value -> (name: Int, string: Int?) in
        if case .string(let string) = value { return (append(name), append(string)) }
        return (append(name), nil)
    }
    return try text.withUnsafeBufferPointer { text in
        let items = zip(sorted, places).map { option, place in
            var item = distill_option()
            item.name = text.baseAddress?.advanced(by: place.name)
            switch option.value {
            case .string:
                item.kind = Int32(DISTILL_OPTION_STRING.rawValue)
                item.string = place.string.flatMap { text.baseAddress?.advanced(by: $0) }
            case .number(let number):
                item.kind = Int32(DISTILL_OPTION_NUMBER.rawValue)
                item.number = number
            case .boolean(let boolean):
                item.kind = Int32(DISTILL_OPTION_BOOLEAN.rawValue)
                item.boolean = boolean ? 1 : 0
            }
            return item
        }
        return try items.withUnsafeBufferPointer { items in
            var list = distill_options(items: items.baseAddress, count: items.count)
            return try withUnsafePointer(to: &list) { try body($0) }
        }
    }
}
