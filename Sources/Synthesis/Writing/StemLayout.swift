/// Two folders with equal stems: `rgb/000000.jpg` and `depth/000000.png`.
struct StemLayout: DatasetLayoutWriter {
    let name = "stem"
    let folders = ["rgb", "depth"]

    func files(ofPair index: Int, colourExtension: String) -> PairFiles {
        let stem = index.sixDigits
        return PairFiles(
            key: stem, colour: "rgb/\(stem).\(colourExtension)", depth: "depth/\(stem).png")
    }

    func locations(colourExtension: String) -> PairLocations {
        PairLocations(
            colourPath: "rgb", colourPattern: "*.\(colourExtension)", depthPath: "depth",
            depthPattern: "*.png")
    }

    func owns(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, folders.contains(String(parts[0])) else { return false }
        let name = parts[1].split(separator: ".")
        return name.count == 2 && name[0].allSatisfy(\.isNumber)
            && ["jpg", "png"].contains(name[1])
    }
}
