import Graphs

/// The modules of the network that a file was exported from, as names for taps such as `layer4` or `blocks.3.attn`.
///
/// A module's value is the first result of the last of its nodes. Which those are say the paths that PyTorch's older
/// exporter gives nodes for names, `/layer1/layer1.0/conv1/Conv`, and the metadata `pkg.torch.onnx.name_scopes` of its
/// newer one, `['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d']`.
struct ModuleNames {
    /// Names with a meaning of their own.
    static let reserved: Set = ["logits", "features", "pooled"]
    private static let longestName = 512
    /// Levels of modules inside one another that are named.
    private static let mostLevels = 32
    /// Bytes of all names of a file together: what goes beyond stays unnamed.
    private static let mostBytes = 4 << 20
    private static let scopesKey = "pkg.torch.onnx.name_scopes"

    private var values: [String: Value] = [:]
    private var bytes = 0

    /// Takes a node's result for that of the modules it is part of.
    mutating func note(_ value: Value, of node: Onnx_NodeProto) {
        for module in ModuleNames.modules(of: node).prefix(ModuleNames.mostLevels) {
            if values[module] == nil {
                guard bytes + module.utf8.count <= ModuleNames.mostBytes else { continue }
                bytes += module.utf8.count
            }
            values[module] = value
        }
    }

    /// Labels the modules' values, except where a name is taken.
    func label(in graph: inout Graph) {
        for (name, value) in values
        where graph.labels[name] == nil && !ModuleNames.reserved.contains(name) {
            graph.label(value, name)
        }
    }

    /// Outermost first.
    static func modules(of node: Onnx_NodeProto) -> [String] {
        if let scopes = node.metadataProps.first(where: { $0.key == scopesKey })?.value {
            return scoped(scopes)
        }
        return node.name.hasPrefix("/") ? onPath(node.name) : []
    }

    /// The strings of a list as Python writes it, but for the last, which is the operator.
    private static func scoped(_ list: String) -> [String] {
        guard list.utf8.count <= longestName else { return [] }
        let strings = list.split(separator: "'", omittingEmptySubsequences: false)
        let names = stride(from: 1, to: strings.count, by: 2).map { String(strings[$0]) }
        return names.dropLast().filter { !$0.isEmpty }
    }

    /// Elements of a sequence repeat its name: `/layer1/layer1.0` is `layer1.0`, `/layer4/conv` is `layer4.conv`.
    private static func onPath(_ path: String) -> [String] {
        guard path.utf8.count <= longestName else { return [] }
        var names: [String] = []
        var last: Substring = ""
        for part in path.split(separator: "/").dropLast() {
            let isElement = !last.isEmpty && part.hasPrefix("\(last).")
            let outer = names.last.map { isElement ? String($0.dropLast(last.count)) : $0 + "." }
            names.append((outer ?? "") + part)
            last = part
        }
        return names
    }
}
