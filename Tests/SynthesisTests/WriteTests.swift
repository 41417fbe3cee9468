import Foundation
import Synchronization
import Synthesis
import Testing

@Suite("Written data sets")
struct WriteTests {
    /// Runs `body` with a fresh folder's URL and removes it.
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "synthesis-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func options(
        _ change: (inout SynthesisOptions) -> Void = { _ in }
    ) -> SynthesisOptions {
        var options = SynthesisOptions(pairs: 10, width: 24, height: 16, seed: 3)
        change(&options)
        return options
    }

    private func files(in folder: URL) throws -> [String: Data] {
        var found: [String: Data] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            var isFolder: ObjCBool = false
            let url = folder.appending(path: path)
            _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
            if !isFolder.boolValue { found[path] = try Data(contentsOf: url) }
        }
        return found
    }

    @Test("The stem layout holds what its manifest says")
    func stem() throws {
        try withFolder { folder in
            let summary = try SceneGenerator(options()).write(to: folder)
            #expect(summary.pairs == 10)
            #expect(summary.pairsInSplit == ["train": 8, "test": 2])
            let names = Set(try files(in: folder).keys)
            var expected: Set<String> = [".synthetic", "dataset.toml", "labels.csv"]
            for index in 0..<10 {
                expected.insert("rgb/00000\(index).jpg")
                expected.insert("depth/00000\(index).png")
            }
            #expect(names == expected)
            let manifest = try String(
                contentsOf: folder.appending(path: "dataset.toml"), encoding: .utf8)
            #expect(manifest.contains("layout = \"stem\""))
            #expect(manifest.contains("[rgb]\npath = \"rgb\"\npattern = \"*.jpg\""))
            #expect(manifest.contains("scale = 0.001\ninvalid = 0"))
            #expect(manifest.contains("label = \"label\""))
            #expect(manifest.contains("fx = 17.6"))
            let labels = try String(
                contentsOf: folder.appending(path: "labels.csv"), encoding: .utf8)
            let rows = labels.split(separator: "\n")
            #expect(rows.count == 11)
            #expect(rows[0] == "key,label,colour,contradicting,split,group")
            #expect(rows[1].hasPrefix("000000,") && rows[1].hasSuffix(",scene-000000"))
        }
    }

    @Test("The suffix layout, PNG colour, the colour task and other splits")
    func suffix() throws {
        try withFolder { folder in
            let summary = try SceneGenerator(
                options {
                    $0.layout = "suffix"
                    $0.colourFormat = .png
                    $0.task = .colour
                    $0.splits = [
                        .init("teacher", share: 3), .init("train", share: 5),
                        .init("test", share: 2),
                    ]
                }
            ).write(to: folder)
            #expect(summary.pairsInSplit == ["teacher": 3, "train": 5, "test": 2])
            let names = Set(try files(in: folder).keys)
            #expect(names.contains("frame-000009.color.png"))
            #expect(names.contains("frame-000009.depth.png"))
            #expect(names.count == 23)
            let manifest = try String(
                contentsOf: folder.appending(path: "dataset.toml"), encoding: .utf8)
            #expect(manifest.contains("[rgb]\npath = \".\"\npattern = \"*.color.png\""))
            #expect(manifest.contains("label = \"colour\""))
        }
    }

    @Test("Threads do not change a byte")
    func threads() throws {
        try withFolder { folder in
            let one = folder.appending(path: "one")
            let many = folder.appending(path: "many")
            _ = try SceneGenerator(options { $0.threads = 1 }).write(to: one)
            _ = try SceneGenerator(options { $0.threads = 4 }).write(to: many)
            #expect(try files(in: one) == files(in: many))
        }
    }

    @Test("Depth files are 16-bit gray PNG of the right size")
    func depthHeader() throws {
        try withFolder { folder in
            _ = try SceneGenerator(options()).write(to: folder)
            let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "depth/000000.png")))
            #expect(Array(bytes[16..<26]) == [0, 0, 0, 24, 0, 0, 0, 16, 16, 0])
        }
    }

    @Test("A folder with other people's files is refused, and nothing in it changes")
    func foreignFolder() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("mine".utf8).write(to: folder.appending(path: "notes.txt"))
            let before = try files(in: folder)
            for force in [false, true] {
                let error = #expect(throws: SynthesisError.self) {
                    try SceneGenerator(options { $0.force = force }).write(to: folder)
                }
                #expect(error?.code == .folderNotEmpty)
            }
            #expect(try files(in: folder) == before)
        }
    }

    @Test("An earlier set is replaced only by force, also in another layout; other files stay")
    func force() throws {
        try withFolder { folder in
            _ = try SceneGenerator(options { $0.layout = "suffix" }).write(to: folder)
            try Data("mine".utf8).write(to: folder.appending(path: "notes.txt"))
            let error = #expect(throws: SynthesisError.self) {
                try SceneGenerator(options()).write(to: folder)
            }
            #expect(error?.description.contains("--force") == true)
            _ = try SceneGenerator(
                options {
                    $0.force = true
                    $0.pairs = 5
                }
            ).write(to: folder)
            let names = Set(try files(in: folder).keys)
            #expect(names.count == 14)
            #expect(names.contains("notes.txt") && !names.contains("frame-000000.depth.png"))
        }
    }

    @Test("What the progress callback throws stops the work before the manifest is there")
    func cancellation() throws {
        struct Enough: Error {}
        try withFolder { folder in
            let last = Mutex(0)
            #expect(throws: Enough.self) {
                try SceneGenerator(options { $0.pairs = 1000 }).write(to: folder) { progress in
                    last.withLock { $0 = progress.done }
                    if progress.done == 3 { throw Enough() }
                }
            }
            #expect(last.withLock { $0 } == 3)
            let names = Set(try files(in: folder).keys)
            #expect(!names.contains("dataset.toml"))
            #expect(!names.contains { $0.hasSuffix(".partial") })
            #expect(names.count < 100)
            // What is left is ours and can be replaced.
            _ = try SceneGenerator(options { $0.force = true }).write(to: folder)
        }
    }

    @Test("A folder that cannot be made is named in the error")
    func unwritable() throws {
        try withFolder { folder in
            try Data("a file".utf8).write(to: folder)
            let error = #expect(throws: SynthesisError.self) {
                try SceneGenerator(options()).write(to: folder.appending(path: "set"))
            }
            #expect(error?.code == .cannotWrite)
            #expect(error?.description.contains(folder.path) == true)
        }
    }
}
