import CDistillPlugin

extension ModalityPlugin {
    /// The encoding of that name; an empty name asks for the default one.
    ///
    /// - Throws: `encoding.unknown` naming the known ones.
    package func encoding(named name: String) throws -> PluginEncoding {
        let found = name.isEmpty ? defaultEncoding : encodings.first { $0.name == name }
        guard let found else {
            let known = encodings.map { "`\($0.name)`" }.joined(separator: ", ")
            throw PluginError(
                code: "encoding.unknown",
                message: "plugin \(id) has no encoding `\(name)`",
                hint: known.isEmpty ? "it offers none" : "choose one of \(known)")
        }
        return found
    }

    /// Adds an encoding's nodes behind `input` and returns the encoded node.
    ///
    /// `parameters` hold `height` and `width` of the input in pixels and what else the encoding
    /// takes; an empty name asks for the default encoding.
    /// - Shapes: `input` is `[batch, plugin channels, height, width]`, the result is
    ///   `[batch, encoding channels, height, width]`.
    /// - Throws: the builder's own error, else `PluginError`.
    package func buildEncoding<Builder: EncodingBuilder>(
        _ name: String, parameters: PluginOptions, using builder: inout Builder,
        input: Builder.Node
    ) throws -> Builder.Node {
        let encoding = try encoding(named: name)
        let session = EncodingSession(builder: builder, input: input)
        defer { builder = session.builder }
        var output: distill_node = -1
        do {
            try call(encodingTable?.build, named: "build", path: nil) { build, status in
                withCOptions(parameters) { parameters in
                    withGraphBuilder(for: session) { table in
                        build(encoding.name, parameters, table, 0, &output, &status)
                    }
                }
            }
        } catch {
            throw session.failure ?? error
        }
        return try session.node(output)
    }
}
