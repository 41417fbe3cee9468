import CDistillPlugin
import PluginSupport

/// How colours of 0...1 become a network's input.
enum RGBEncodings {
    static let list = ConstantTable([
        distill_encoding(
            name: cLiteral("imagenet"), version: cLiteral("1"),
            summary: cLiteral("(x - mean) / standard deviation of ImageNet, per channel"),
            channels: 3, is_default: 1),
        distill_encoding(
            name: cLiteral("unit"), version: cLiteral("1"),
            summary: cLiteral("values of 0...1 as they are"), channels: 3, is_default: 0),
    ])

    static let table = ConstantTable([
        distill_encoding_extension(
            struct_size: UInt32(MemoryLayout<distill_encoding_extension>.size), count: 2,
            encodings: list.pointer,
            build: { name, parameters, builder, input, output, status in
                reporting(to: status) {
                    guard let name, let output else {
                        throw PluginFailure("plugin.argument", "`name` or `output` is null")
                    }
                    _ = try OptionReader(
                        parameters, known: ["height": .number, "width": .number])
                    output.pointee = try build(
                        String(cString: name), on: EncodingGraph(builder), input: input)
                }
            })
    ])

    /// Mean and standard deviation of ImageNet's training pictures, red, green, blue.
    /// - Reference: torchvision's reference weights.
    private static let mean: [Float] = [0.485, 0.456, 0.406]
    private static let standardDeviation: [Float] = [0.229, 0.224, 0.225]

    private static func build(
        _ name: String, on graph: EncodingGraph, input: distill_node
    ) throws -> distill_node {
        switch name {
        case "unit":
            return input
        case "imagenet":
            let centered = try graph.operation(
                "Subtract", input, try graph.constant(mean, shape: [1, 3, 1, 1]))
            let inverse = standardDeviation.map { 1 / $0 }
            return try graph.operation(
                "Multiply", centered, try graph.constant(inverse, shape: [1, 3, 1, 1]))
        default:
            throw PluginFailure(
                "encoding.unknown", "RGB has no encoding `\(name)`, there are `imagenet`, `unit`")
        }
    }
}
