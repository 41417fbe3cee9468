import Tensors

/// Decides the shape that an input has in the graph.
struct InputBinding {
    private let info: Onnx_ValueInfoProto
    private let options: ImportOptions
    /// The extents that the file declares, nil where it declares none.
    let declared: [ImportedModel.Extent]?

    init(_ info: Onnx_ValueInfoProto, options: ImportOptions) {
        self.info = info
        self.options = options
        guard case .tensorType(let type) = info.type.value, type.hasShape else {
            declared = nil
            return
        }
        declared = type.shape.dim.map { extent in
            switch extent.value {
            case .dimValue(let value): .fixed(Int(value))
            case .dimParam(let name): .symbolic(name)
            case nil: .symbolic("")
            }
        }
    }

    /// Whether the first axis has no fixed extent.
    var isOpen: Bool {
        if case .symbolic = declared?.first { true } else { false }
    }

    /// The shape that the caller wants, nil where nothing was said.
    var given: Shape? { options.shapes[info.name] ?? options.values[info.name]?.shape }

    /// - Throws: `InterchangeError.unbound` for open extents that the caller must decide.
    func type() throws -> (ElementType, Shape) {
        guard case .tensorType(let type) = info.type.value else {
            throw InterchangeError(
                .unsupported, node: info.name, "an input that is not a tensor is not supported")
        }
        let element = try ElementType(onnx: type.elemType, node: info.name)
        let shape = try shape()
        _ = try CheckedExtents.count(shape, node: info.name)
        return (element, Shape(shape))
    }

    private func shape() throws -> [Int] {
        guard let declared else {
            guard let given else {
                throw InterchangeError(
                    .unbound, node: info.name, "the file declares no shape for this input",
                    hint: "give one with the import")
            }
            return given.dimensions
        }
        if let given {
            let fits =
                given.rank == declared.count
                && zip(given.dimensions, declared).enumerated()
                    .allSatisfy { axis, pair in
                        guard case .fixed(let extent) = pair.1, axis > 0 else { return true }
                        return pair.0 == extent
                    }
            guard fits else {
                let text = declared.map(\.description).joined(separator: ", ")
                throw InterchangeError(
                    .unbound, node: info.name, "expects [\(text)], is given \(given)")
            }
            return given.dimensions
        }
        return try declared.enumerated().map { axis, extent in
            switch extent {
            case .fixed(let extent): return extent
            case .symbolic where axis == 0: return options.batch
            case .symbolic(let name):
                throw InterchangeError(
                    .unbound, node: info.name,
                    "axis \(axis)\(name.isEmpty ? "" : " (\(name))") of this input is open",
                    hint: "give its shape with the import")
            }
        }
    }
}
