import Catalog
import Configuration
import Foundation
import Testing
import Watching

/// Folders whose files do not meet as they are, and what is said of them.
@Suite("Files that do not meet") struct PairlessTests {
    private func diagnosis(_ rgb: [String], _ depth: [String]) -> KeyDiagnosis {
        KeyDiagnosis(
            keys: ["rgb": rgb, "depth": depth],
            manifest: DatasetManifest(
                layout: "stem",
                modalities: [
                    .init(name: "rgb", path: "rgb", pattern: "*.jpg"),
                    .init(
                        name: "depth", path: "depth", pattern: "*.png",
                        options: ["scale": .number(0.001)]),
                ]))
    }

    private let numbers = (1...12).map { String($0) }
    private let padded = (1...12).map { String(format: "%06d", $0) }

    @Test func theWayInWhichKeysDifferIsNamed() {
        let zeros = diagnosis(numbers, padded)
        #expect(zeros.message.contains("rgb keys look like `1`, `10` (12)"))
        #expect(zeros.message.contains("depth keys look like `000001`"))
        #expect(zeros.message.contains("zero padding"))

        let times = (0..<12).map { String(format: "%.6f", 1_305_031_102.1 + 0.033 * Double($0)) }
        let later = (0..<12).map { String(format: "%.6f", 1_305_031_102.11 + 0.033 * Double($0)) }
        let clocks = diagnosis(times, later)
        #expect(clocks.message.contains("timestamps") && clocks.message.contains("0.010 s"))

        let folders = diagnosis(padded.map { "left/\($0)" }, padded.map { "right/\($0)" })
        #expect(folders.message.contains("folders are not"))
        let letters = diagnosis(["Frame_A", "Frame_B"], ["frame_A", "frame_B"])
        #expect(letters.message.contains("capital"))
        let strangers = diagnosis(["apple", "pear"], ["17", "23"])
        #expect(strangers.message.contains("`apple`") && strangers.message.contains("`17`"))
    }

    @Test func aManifestThatMendsItIsGiven() throws {
        let found = diagnosis(padded.map { "\($0)_rgb" }, padded.map { "\($0)_depth" })
        let text = try #require(found.hint.split(separator: ":\n", maxSplits: 1).last)
        let manifest = try DatasetManifest(toml: String(text), file: "t")
        #expect(manifest.layout == "suffix")
        #expect(manifest.modality("rgb")?.pattern == "*_rgb.jpg")
        #expect(manifest.modality("depth")?.pattern == "*_depth.png")
    }

    @Test func aKeyThatAPluginDoesNotKnowIsAnErrorOfTheManifest() throws {
        let formats = FileFormats(patterns: [:], options: ["thermal": ["offset", "gain"]])
        func manifest(_ key: String, of modality: String) -> DatasetManifest {
            DatasetManifest(
                layout: "stem",
                modalities: [
                    .init(name: modality, path: "t", pattern: "*", options: [key: .number(1)])
                ])
        }
        let error = #expect(throws: WatchingError.self) {
            try formats.check(manifest("ofset", of: "thermal"))
        }
        #expect(error?.code == .manifestInvalid)
        #expect(error?.message.contains("thermal.ofset") == true)
        #expect(error?.hint.contains("did you mean `offset`?") == true)
        try formats.check(manifest("offset", of: "thermal"))
        // Whoever does not say what it knows is asked when a file is read.
        try formats.check(manifest("anything", of: "flow"))
    }

    @Test func intrinsicsThatNothingTakesAreAnErrorOfTheManifest() throws {
        func manifest(_ modalities: String...) -> DatasetManifest {
            var manifest = DatasetManifest(
                layout: "stem",
                modalities: modalities.map { .init(name: $0, path: $0, pattern: "*") })
            manifest.intrinsics = .init(fx: 525, fy: 525, cx: 320, cy: 240, width: 640, height: 480)
            return manifest
        }
        let error = #expect(throws: WatchingError.self) {
            try FileFormats.usual.check(manifest("rgb"))
        }
        #expect(error?.code == .manifestInvalid)
        #expect(error?.message.contains("[intrinsics]") == true)
        #expect(error?.hint.contains("depth") == true)
        try FileFormats.usual.check(manifest("rgb", "depth"))
        // Of a modality that no plugin reads yet nobody knows.
        try FileFormats.usual.check(manifest("rgb", "flow"))
    }

    @Test func foldersOfScenesAreFoundBelowTheOneThatWasNamed() async throws {
        try await Bench.run { bench in
            for camera in ["cam0", "cam1"] {
                for number in 0..<4 {
                    try bench.write("scenes/\(camera)/rgb/\(number).jpg")
                    try bench.write("scenes/\(camera)/depth/\(number).png")
                }
            }
            let error = await #expect(throws: WatchingError.self) {
                try await bench.service.add(path: "\(bench.data)/scenes")
            }
            #expect(error?.message.contains("cam0, cam1") == true)
            #expect(error?.hint.contains("datasets add \(bench.data)/scenes/cam0") == true)
            // The commands of the hint make it one data set.
            for line in error?.hint.split(separator: "\n").dropFirst() ?? [] {
                let shell = Process()
                shell.executableURL = URL(fileURLWithPath: "/bin/sh")
                shell.arguments = ["-c", String(line)]
                try shell.run()
                shell.waitUntilExit()
            }
            let added = try await bench.service.add(path: "\(bench.data)/scenes")
            #expect(added.summary.counts.paired == 8)
        }
    }

    @Test func namesThatDifferBehindTheirNumberGiveAManifest() async throws {
        try await Bench.run { bench in
            for number in 0..<6 {
                for suffix in ["crop", "depthcrop", "maskcrop"] {
                    try bench.write("objects/bowl/bowl_1/bowl_1_1_\(number)_\(suffix).png")
                }
            }
            let error = await #expect(throws: WatchingError.self) {
                try await bench.service.add(path: "\(bench.data)/objects")
            }
            let text = try #require(error?.hint.split(separator: ":\n", maxSplits: 1).last)
            try Data(text.utf8).write(
                to: URL(fileURLWithPath: "\(bench.data)/objects/dataset.toml"))
            let added = try await bench.service.add(path: "\(bench.data)/objects")
            #expect(added.summary.counts.paired == 6)
        }
    }

    @Test func nothingMeetsIsSaidAndKept() async throws {
        try await Bench.run { bench in
            for number in 0..<6 {
                try bench.write("set/rgb/\(number).jpg")
                try bench.write("set/depth/00000\(number).png")
            }
            let added = try await bench.service.add(path: "\(bench.data)/set")
            #expect(added.summary.counts.paired == 0)
            let problem = added.dataset.problems.first { $0.code == "dataset.no_pairs" }
            #expect(problem?.message.contains("zero padding") == true)
        }
    }

    @Test func aFormatThatIsNotReadIsNamedOnceWithItsConversion() async throws {
        try await Bench.run { bench in
            for number in 0..<6 {
                try bench.write("set/rgb/\(number).jpg")
                try bench.write("set/depth/\(number).npz")
            }
            let added = try await bench.service.add(path: "\(bench.data)/set")
            let problems = added.dataset.problems.filter { $0.code == "dataset.no_pairs" }
            #expect(problems.count == 1)
            #expect(problems.first?.message.contains("6 `.npz`") == true, "\(problems)")
            #expect(problems.first?.hint.contains("numpy.save") == true)
            // Nothing is quarantined: the files are no pictures.
            #expect(added.summary.counts.quarantined == 0)
        }
    }

    @Test func otherFilesNeverTakeAPicturesPlace() async throws {
        try await Bench.run { bench in
            for number in 0..<8 {
                let name = String(format: "%06d", number)
                for other in ["conf", "json"] { try bench.write("set/RGB/\(name).\(other)") }
                try bench.write("set/RGB/\(name).JPG")
                try bench.write("set/RGB/._\(name).JPG")
                try bench.write("set/Depth/\(name).png")
                try bench.write("set/Depth/\(name).jpg")
                try bench.write("set/Depth/\(name)_Metadata.csv")
            }
            try bench.write("set/RGB/Thumbs.db")
            let added = try await bench.service.add(path: "\(bench.data)/set")
            let states = try await bench.states("set")
            #expect(states.count == 8 && states.values.allSatisfy { $0 == "paired" }, "\(states)")
            let said = added.dataset.problems.filter { $0.code == "files.left_out" }.map(\.message)
            #expect(
                said.contains { $0.contains("8 `.conf`") && $0.contains("8 `.json`") }, "\(said)")
            #expect(said.contains { $0.contains("8 `.jpg`") && $0.contains("8 `.csv`") }, "\(said)")
        }
    }

    @Test func capitalLettersInSuffixesMeet() async throws {
        try await Bench.run { bench in
            for name in ["Frame-1", "Frame-2"] {
                try bench.write("set/\(name).COLOR.JPG")
                try bench.write("set/\(name).Depth.png")
            }
            let added = try await bench.service.add(path: "\(bench.data)/set")
            #expect(added.dataset.layout == "suffix")
            #expect(try await bench.states("set") == ["Frame-1": "paired", "Frame-2": "paired"])
        }
    }

    /// Where a manifest leaves the ending open the majority of what a plugin reads is taken.
    @Test func anOpenPatternTakesTheMostFrequentPicture() async throws {
        try await Bench.run { bench in
            for number in 0..<4 {
                try bench.write("set/rgb/\(number).conf")
                try bench.write("set/rgb/\(number).png")
                try bench.write("set/depth/\(number).npy")
            }
            try bench.write("set/rgb/9.jpg")
            try bench.write(
                "set/dataset.toml",
                "layout = \"stem\"\n[rgb]\npath = \"rgb\"\n[depth]\npath = \"depth\"\npattern = \"*.*\"\nscale = 1\n"
            )
            let added = try await bench.service.add(path: "\(bench.data)/set")
            #expect(
                added.summary.counts.states == ["paired": 4, "rgb_only": 1], "\(added.summary)")
            #expect(added.dataset.problems.map(\.code) == ["files.left_out"])
        }
    }
}
