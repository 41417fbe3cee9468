import Networks

/// What goes before an imported network, and why, where nobody said it.
struct AssumedPreprocessing {
    let preprocessing: Preprocessing
    /// nil where a person said it.
    let note: String?

    /// - Parameter takesIntegers: whether the network's input is of whole numbers.
    /// - Throws: `DistillationError` `import.preprocessing` for whole numbers that are to be fed fractions.
    init(_ source: ModelImport.Source, takesIntegers: Bool = false) throws {
        if let given = source.preprocessing {
            guard !takesIntegers || given.hasValues(of: .bytes) || given.isBytesInOtherOrder else {
                throw DistillationError(
                    "import.preprocessing",
                    "the input of \(source.originalName) takes whole numbers, but the preprocessing gives fractions",
                    hint: "the network normalises by itself: --preprocess bytes")
            }
            preprocessing = given
            note = nil
        } else if takesIntegers {
            preprocessing = .bytes
            note = "preprocessing assumed: bytes as they are, for the input takes whole numbers"
        } else if let known = KnownPreprocessing.named(source.originalName) {
            preprocessing = known.preprocessing
            note =
                "preprocessing assumed: that of \(known.of), by the file's name "
                + "(\(known.preprocessing.valueWords)); --preprocess says it otherwise"
        } else {
            preprocessing = .imageNet
            note =
                "preprocessing assumed: imagenet (\(Preprocessing.imageNet.valueWords)); --preprocess says it "
                + "otherwise"
        }
    }
}

extension Preprocessing {
    /// Bytes as they are, blue first.
    var isBytesInOtherOrder: Bool {
        var turned = self
        turned.channels = .rgb
        return turned.hasValues(of: .bytes)
    }

    /// What happens to a pixel's value, in words.
    var valueWords: String {
        func list(_ values: [Double]) -> String {
            Set(values).count == 1
                ? number(values[0]) : values.map(number).joined(separator: " ")
        }
        let factor = abs(scale * 255 - 1) < 1e-9 ? "1/255" : number(scale)
        return "\(channels.rawValue), scale \(factor), mean \(list(mean)), std \(list(deviation))"
    }

    private func number(_ value: Double) -> String {
        let rounded = (value * 100_000).rounded() / 100_000
        return rounded == rounded.rounded() && abs(rounded) < 1e15
            ? String(Int(rounded)) : String(rounded)
    }
}
