/// One folder: `frame-000000.color.jpg` and `frame-000000.depth.png`.
struct SuffixLayout: DatasetLayoutWriter {
    let name = "suffix"
    let folders: [String] = []

    func files(ofPair index: Int, colourExtension: String) -> PairFiles {
        let key = "frame-\(index.sixDigits)"
        return PairFiles(
            key: key, colour: "\(key).color.\(colourExtension)", depth: "\(key).depth.png")
    }

    func locations(colourExtension: String) -> PairLocations {
        PairLocations(
            colourPath: ".", colourPattern: "*.color.\(colourExtension)", depthPath: ".",
            depthPattern: "*.depth.png")
    }

    func owns(_ path: String) -> Bool {
        let parts = path.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].hasPrefix("frame-") else { return false }
        return parts[0].dropFirst(6).allSatisfy(\.isNumber)
            && ["color.jpg", "color.png", "depth.png"].contains(parts[1] + "." + parts[2])
    }
}
