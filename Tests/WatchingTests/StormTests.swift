import Catalog
import Foundation
import Testing
import Watching

/// Random creations, renames, moves and deletions, after which the catalog must hold what `find` sees.
@Suite(.timeLimit(.minutes(5))) struct StormTests {
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func theCatalogEqualsTheFolders(_ seed: UInt64) async throws {
        print("storm with seed \(seed)")
        try await Bench.run { bench in
            try bench.manifest("set")
            try bench.pair("set", "first")
            _ = try await bench.service.add(path: "\(bench.data)/set")
            var storm = Storm(
                bench: bench, generator: Xorshift(state: seed &* 0x9E37_79B9_7F4A_7C15))
            for round in 0..<3 {
                for _ in 0..<150 { try storm.step() }
                // Sometimes asked for, sometimes seen by itself.
                if round == 1 { _ = try await bench.service.rescan("set") }
                let expected = try storm.expected()
                try await bench.eventually("seed \(seed), round \(round): catalog equals folders") {
                    try await bench.states("set") == expected
                }
                try await bench.eventually("files have the paths that are there") {
                    let id = try await bench.catalog.dataset("set").id
                    let samples = try await bench.catalog.samples(ofDataset: id, limit: 10_000)
                    let paths = samples.samples.flatMap { $0.files.map(\.path) }
                    return Set(paths) == Set(try storm.files())
                }
            }
        }
    }
}

private struct Storm {
    let bench: Bench
    var generator: Xorshift
    private static let folders = ["", "a/", "b/", "a/c/"]

    mutating func step() throws {
        let modality = Bool.random(using: &generator) ? "rgb" : "depth"
        let ending = modality == "rgb" ? "jpg" : "png"
        func name(_ generator: inout Xorshift) -> String {
            let folder = Self.folders.randomElement(using: &generator) ?? ""
            return
                "set/\(modality)/\(folder)f\(Int.random(in: 0..<12, using: &generator)).\(ending)"
        }
        let path = name(&generator)
        switch Int.random(in: 0..<12, using: &generator) {
        case 0..<5:
            try bench.write(
                path, String(repeating: "x", count: Int.random(in: 1..<99, using: &generator)))
        case 5..<8: try? bench.remove(path)
        case 8, 9: try? bench.move(path, name(&generator))
        case 10: try? bench.move("set/\(modality)/a", "set/\(modality)/b")
        default:
            try? bench.remove(
                "set/\(modality)/\(["a", "b"].randomElement(using: &generator) ?? "a")")
        }
    }

    /// Relative paths of every file that counts.
    func files() throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: "\(bench.data)/set")
        return names.filter { $0.hasSuffix(".jpg") || $0.hasSuffix(".png") }
    }

    /// Key to state as a person would work it out from the listing.
    func expected() throws -> [String: String] {
        var sides: [String: Set<String>] = [:]
        for file in try files() {
            let modality = file.hasPrefix("rgb/") ? "rgb" : "depth"
            let key = String(file.dropFirst(modality.count + 1).dropLast(4))
            sides[key, default: []].insert(modality)
        }
        return sides.mapValues { $0.count == 2 ? "paired" : "\($0.first ?? "")_only" }
    }
}

/// A small generator, so that a seed gives the same storm everywhere.
private struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
