/// How one data-set layout names its files. A new layout is one type and one line in ``DatasetLayouts``.
package protocol DatasetLayoutWriter: Sendable {
    /// The name in dataset.toml, such as `stem`.
    var name: String { get }

    /// The folders that hold pictures, relative to the data set; empty where there is none but itself.
    var folders: [String] { get }

    /// The files of one pair.
    func files(ofPair index: Int, colourExtension: String) -> PairFiles

    /// Where the manifest says that colour and depth pictures are.
    func locations(colourExtension: String) -> PairLocations

    /// Whether a file, by its path relative to the data set, is one that this layout writes.
    func owns(_ path: String) -> Bool
}

/// The names of one pair.
package struct PairFiles: Sendable, Equatable {
    /// What both names share: the pair's key in labels.csv.
    package var key: String
    /// Paths relative to the data set.
    package var colour: String
    package var depth: String
}

/// The folders and patterns of the manifest's modality sections.
package struct PairLocations: Sendable, Equatable {
    package var colourPath: String
    package var colourPattern: String
    package var depthPath: String
    package var depthPattern: String
}

/// The layouts that can be written.
package enum DatasetLayouts {
    package static let all: [any DatasetLayoutWriter] = [
        StemLayout(),
        SuffixLayout(),
    ]

    package static var names: [String] { all.map(\.name) }

    /// - Throws: ``SynthesisError`` with code `invalidOption`.
    package static func named(_ name: String) throws -> any DatasetLayoutWriter {
        guard let layout = all.first(where: { $0.name == name }) else {
            throw SynthesisError.invalidOption(
                "layout", found: "\"\(name)\"",
                expected: "one of \(names.joined(separator: ", "))")
        }
        return layout
    }
}

extension Int {
    /// The number with six digits or more.
    var sixDigits: String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, 6 - digits.count)) + digits
    }
}
