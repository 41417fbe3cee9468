import ControlClient
import ControlProtocol
import Foundation
import Testing

extension EndToEndTests {
    /// What a user hears of recordings that are not what they are said to be.
    @Suite struct RecordingTests {
        /// A synthetic data set whose manifest and files a test may spoil, not yet added.
        private func folder(_ service: borrowing Service, pairs: Int = 24) async throws -> String {
            let path = "\(service.folder)/spoiled"
            _ = try await service.ctl(
                "datasets", "synthesize", path, "--pairs", "\(pairs)", "--size", "48")
            return path
        }

        /// One epoch on the spoiled data set, labels and all.
        private func recipe(_ name: String, _ service: borrowing Service) throws -> String {
            let path = "\(service.folder)/\(name).toml"
            try """
            name = "\(name)"
            kind = "train"
            [dataset]
            name = "spoiled"
            [training]
            epochs = 1
            """.write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }

        /// A picture of 48 x 48 metres as NumPy writes it.
        private static func array(_ metres: (_ row: Int, _ column: Int) -> Float) -> Data {
            var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (48, 48), }"
            header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
            var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8))
            for pixel in 0..<48 * 48 {
                withUnsafeBytes(of: metres(pixel / 48, pixel % 48)) { data.append(contentsOf: $0) }
            }
            return data
        }

        private func rewrite(_ path: String, _ change: (String) -> String) throws {
            let file = "\(path)/dataset.toml"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try change(text).write(toFile: file, atomically: true, encoding: .utf8)
        }

        @Test func aWrongScaleIsToldEverywhereAndStopsTheJob() async throws {
            try await Service.with { service, _ in
                let path = try await folder(service)
                try rewrite(path) {
                    $0.replacing(/scale = [0-9.]+/, with: "scale = 1000")
                }
                let added = try await service.ctl("datasets", "add", path, "--name", "spoiled")
                #expect(added.status == 0)
                #expect(added.output.contains("units_per_metre = 1000"), "\(added.output)")
                #expect(added.output.contains("looked at"))
                let shown = try await service.json(DatasetReply.self, "datasets", "show", "spoiled")
                #expect(shown.dataset.warnings.contains { $0.contains("units_per_metre") })
                let depth = shown.dataset.survey?.modalities.first { $0.modality == "depth" }
                #expect(depth?.files == 24)
                #expect(depth?.figures.first { $0.name == "valid" }?.value == 0)
                let doctor = try await service.ctl("doctor")
                #expect(doctor.output.contains("units_per_metre"))
                let events = try await service.ctl("events", "-o", "json")
                #expect(events.output.contains("dataset.surveyed"))

                let recipe = try recipe("empty", service)
                let plan = try await service.ctl("plan", recipe)
                #expect(plan.output.contains("units_per_metre"))
                let job = try await service.ctl("enqueue", recipe, "--wait")
                #expect(job.status == 1)
                #expect(job.errors.contains("nearly empty"), "\(job.errors)")
                #expect(job.errors.contains("datasets show spoiled"))
                // The warnings stand at the end of what is printed, and in the job's log.
                #expect(job.output.contains("warning: "), "\(job.output)")
                let log = try await service.ctl("logs", "empty")
                #expect(log.output.contains("units_per_metre"))

                try rewrite(path) { $0.replacing("scale = 1000", with: "unit = \"mm\"") }
                let mended = try await service.ctl("datasets", "rescan", "spoiled")
                #expect(!mended.output.contains("units_per_metre"), "\(mended.output)")
                #expect(try await service.ctl("enqueue", recipe, "--wait").status == 0)
            }
        }

        @Test func theCamerasFocalLengthReachesTheStudent() async throws {
            try await Service.with { service, _ in
                let path = try await folder(service)
                try rewrite(path) {
                    $0.replacing(/width = 48\nheight = 48/, with: "width = 64\nheight = 48")
                }
                let added = try await service.ctl("datasets", "add", path, "--name", "spoiled")
                #expect(added.output.contains("[intrinsics] is of 64x48"), "\(added.output)")
                let recipe = try recipe("student", service)
                let plan = try await service.ctl("plan", recipe)
                // The synthetic camera's focal length is 1.1 times the 48 pixels of its pictures.
                let words = "normals, focal length 0.825 widths and 1.1 heights of a picture"
                #expect(plan.output.contains(words), "\(plan.output)")
                let job = try await service.ctl("enqueue", recipe, "--wait")
                #expect(job.status == 0)
                #expect(job.output.contains("[intrinsics] is of 64x48"), "\(job.output)")
                let file = "\(service.folder)/student.onnx"
                let exported = try await service.ctl(
                    "models", "export", "student", "--format", "onnx", "--to", file)
                #expect(exported.status == 0, "\(exported.errors)")
                let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
                #expect(bytes.range(of: Data("distilld.encoding.focal".utf8)) != nil)

                try rewrite(path) { text in
                    // Without a modality that has a use for them.
                    text.replacing(/\[depth\][^\[]*/, with: "")
                }
                let refused = try await service.ctl("datasets", "add", path, "--name", "colour")
                #expect(refused.status != 0)
                #expect(refused.errors.contains("[intrinsics]"), "\(refused.errors)")
            }
        }

        @Test func aRecordingInBothSplitsIsTold() async throws {
            try await Service.with { service, _ in
                // Independent scenes, every fifth for the test: each has neighbours, which do not look like it.
                let scenes = try await folder(service, pairs: 60)
                let apart = try await service.ctl("datasets", "add", scenes, "--name", "scenes")
                #expect(!apart.output.contains("beside a training frame"), "\(apart.output)")
                let known = try await service.json(DatasetReply.self, "datasets", "show", "scenes")
                let usual = try #require(known.dataset.survey?.neighbourDistance)
                #expect(usual > 0.75, "\(usual)")

                // A camera that moves by two pixels a frame along a wall of random bays, dealt out likewise.
                let path = "\(service.folder)/recording"
                for kind in ["rgb", "depth"] {
                    try FileManager.default.createDirectory(
                        atPath: "\(path)/\(kind)", withIntermediateDirectories: true)
                }
                var generator = SystemRandomNumberGenerator()
                let bays = (0..<20).map { _ in Float.random(in: 1...4, using: &generator) }
                var labels = "key,split\n"
                for frame in 0..<60 {
                    func metres(_ column: Int) -> Float { bays[(2 * frame + column) / 10] }
                    let name = String(frame)
                    try Self.array { _, column in metres(column) }
                        .write(to: URL(fileURLWithPath: "\(path)/depth/\(name).npy"))
                    var picture = Data("P6\n48 48\n255\n".utf8)
                    for pixel in 0..<48 * 48 {
                        let value = UInt8(60 * metres(pixel % 48))
                        picture.append(contentsOf: [value, UInt8(pixel / 48), 255 - value])
                    }
                    try picture.write(to: URL(fileURLWithPath: "\(path)/rgb/\(name).ppm"))
                    labels += "\(name),\(frame % 5 == 4 ? "test" : "train")\n"
                }
                try labels.write(toFile: "\(path)/labels.csv", atomically: true, encoding: .utf8)
                let manifest = """
                    layout = "stem"
                    [rgb]
                    path = "rgb"
                    pattern = "*.ppm"
                    [depth]
                    path = "depth"
                    pattern = "*.npy"
                    unit = "m"
                    [labels]
                    file = "labels.csv"

                    """
                try (manifest + "split = \"split\"\n").write(
                    toFile: "\(path)/dataset.toml", atomically: true, encoding: .utf8)
                let added = try await service.ctl("datasets", "add", path, "--name", "recording")
                let words =
                    "12 of 12 test and validation frames stand right beside a training frame"
                #expect(added.output.contains(words), "\(added.output)")
                #expect(try await service.ctl("doctor").output.contains(words))
                // What the hint says mends it.
                try manifest.write(
                    toFile: "\(path)/dataset.toml", atomically: true, encoding: .utf8)
                let mended = try await service.ctl("datasets", "rescan", "recording", "--split")
                #expect(mended.status == 0, "\(mended.errors)")
                let shown = try await service.ctl("datasets", "show", "recording")
                #expect(!shown.output.contains("beside a training frame"), "\(shown.output)")
                #expect(shown.output.contains("blocks"), "\(shown.output)")

                // A camera that stands still: all frames are as alike as neighbours.
                for frame in 0..<60 {
                    try Self.array { row, column in
                        bays[column / 10] + Float((row * 7 + column * 3 + frame * 5) % 11) / 2000
                    }.write(to: URL(fileURLWithPath: "\(path)/depth/\(frame).npy"))
                    var picture = Data("P6\n48 48\n255\n".utf8)
                    for pixel in 0..<48 * 48 {
                        let value =
                            UInt8(40 + 20 * bays[pixel % 48 / 10]) + UInt8((pixel + frame) % 3)
                        picture.append(contentsOf: [value, value, 200])
                    }
                    try picture.write(to: URL(fileURLWithPath: "\(path)/rgb/\(frame).ppm"))
                }
                try labels.replacing("7,train", with: "7,").write(
                    toFile: "\(path)/labels.csv", atomically: true, encoding: .utf8)
                try (manifest + "split = \"split\"\n").write(
                    toFile: "\(path)/dataset.toml", atomically: true, encoding: .utf8)
                let still = try await service.ctl("datasets", "add", path, "--name", "recording")
                #expect(still.status == 0, "\(still.errors)")
                let rescanned = try await service.ctl("datasets", "rescan", "recording")
                #expect(rescanned.output.contains("of their values only"), "\(rescanned.output)")
                #expect(rescanned.output.contains("have no split"), "\(rescanned.output)")
            }
        }

        @Test func foldersThatAreCalledTrainAndTestAreBelieved() async throws {
            try await Service.with { service, _ in
                let source = try await folder(service, pairs: 40)
                let path = "\(service.folder)/named"
                let files = FileManager.default
                for number in 0..<40 {
                    let split = number % 4 == 3 ? "test" : "train"
                    for (kind, ending) in [("rgb", "jpg"), ("depth", "png")] {
                        let target = "\(path)/\(kind)/\(split)"
                        try files.createDirectory(
                            atPath: target, withIntermediateDirectories: true)
                        let name = String(repeating: "0", count: number < 10 ? 5 : 4) + "\(number)"
                        try files.copyItem(
                            atPath: "\(source)/\(kind)/\(name).\(ending)",
                            toPath: "\(target)/\(name).\(ending)")
                    }
                }
                let added = try await service.ctl("datasets", "add", path, "--name", "named")
                #expect(added.output.contains("as the folders are called"), "\(added.output)")
                let shown = try await service.json(DatasetReply.self, "datasets", "show", "named")
                #expect(shown.dataset.splits == ["train": 30, "test": 10])
            }
        }

        @Test func pairsAreDrawn() async throws {
            try await Service.with { service, _ in
                let path = try await folder(service)
                _ = try await service.ctl("datasets", "add", path, "--name", "spoiled")
                let picture = "\(service.folder)/sheet.png"
                let looked = try await service.ctl("datasets", "look", "spoiled", "--to", picture)
                #expect(looked.status == 0, "\(looked.errors)")
                #expect(looked.output.contains("hold a value"))
                let bytes = try Data(contentsOf: URL(fileURLWithPath: picture))
                #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) && bytes.count > 10_000)
                let one = try await service.json(
                    LookReply.self, "datasets", "look", "spoiled", "--sample", "000003", "--to",
                    picture)
                #expect(one.pairs.map(\.key) == ["000003"])
                let depth = try #require(
                    one.pairs.first?.pictures.first { $0.modality == "depth" })
                #expect(depth.width == 48 && depth.unit == "metres")
                #expect(
                    depth.valid > 0.5 && depth.low <= depth.median && depth.median <= depth.high)
                let none = try await service.ctl(
                    "datasets", "look", "spoiled", "--sample", "nope", "--to", picture)
                #expect(none.status == 5 && none.errors.contains("samples list"))
            }
        }

        @Test func framesAreDealtInBlocksAndPredictReadsFilesInTheirOwnTerms() async throws {
            try await Service.with { service, _ in
                let path = try await folder(service, pairs: 40)
                // Without a split column: blocks.
                let labels = "\(path)/labels.csv"
                let rows = try String(contentsOfFile: labels, encoding: .utf8)
                    .split(separator: "\n").map {
                        $0.split(separator: ",", omittingEmptySubsequences: false)
                    }
                try rows.map { $0.prefix(2).joined(separator: ",") }.joined(separator: "\n")
                    .write(toFile: labels, atomically: true, encoding: .utf8)
                try rewrite(path) { text in
                    text.split(separator: "\n", omittingEmptySubsequences: false)
                        .filter { line in
                            !["split = ", "attributes", "group = "].contains { line.hasPrefix($0) }
                        }
                        .joined(separator: "\n")
                }
                let added = try await service.ctl("datasets", "add", path, "--name", "spoiled")
                #expect(added.output.contains("blocks of consecutive frames"), "\(added.output)")
                let shown = try await service.json(DatasetReply.self, "datasets", "show", "spoiled")
                #expect(shown.dataset.splits["test"] == 8)
                #expect((shown.dataset.splits["guard"] ?? 0) > 0)

                let recipe = try recipe("student", service)
                #expect(try await service.ctl("enqueue", recipe, "--wait").status == 0)
                // The same distances, as metres in an array.
                func array(_ metres: Float) -> Data {
                    Self.array { _, column in metres + Float(column) / 100 }
                }
                let (good, far, empty) = (
                    "\(service.folder)/good.npy", "\(service.folder)/far.npy",
                    "\(service.folder)/empty.npy"
                )
                try array(3).write(to: URL(fileURLWithPath: good))
                try array(15).write(to: URL(fileURLWithPath: far))
                try array(-5).write(to: URL(fileURLWithPath: empty))
                let usual = try await service.ctl("predict", "student", good)
                #expect(usual.status == 0, "\(usual.errors)")
                #expect(!usual.output.contains("warning"), "\(usual.output)")
                let odd = try await service.ctl("predict", "student", far, empty)
                #expect(odd.output.contains("beyond what the student saw"), "\(odd.output)")
                #expect(odd.output.contains("nearly empty"), "\(odd.output)")
                let told = try await service.ctl(
                    "predict", "student", good, "--option", "unit=mm")
                #expect(told.output.contains("warning"), "\(told.output)")
                let wrong = try await service.ctl("predict", "student", good, "--option", "unti=mm")
                #expect(wrong.status == 2 && wrong.errors.contains("unit"), "\(wrong.errors)")
            }
        }

        /// A folder that nobody named: it lies below the watched one and its manifest cannot be read.
        @Test func theDoctorNamesAManifestThatTheWatcherRefused() async throws {
            try await Service.with { service, _ in
                let path = "\(service.datasets)/stranger"
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true)
                try "[rgb\npath = 3\n".write(
                    toFile: "\(path)/dataset.toml", atomically: true, encoding: .utf8)
                try await wait(for: "the doctor to name the folder") {
                    try await service.ctl("doctor").output.contains("stranger/dataset.toml")
                }
                try FileManager.default.removeItem(atPath: path)
                try await wait(for: "the doctor to forget it") {
                    try await !service.ctl("doctor").output.contains("stranger")
                }
            }
        }
    }
}
