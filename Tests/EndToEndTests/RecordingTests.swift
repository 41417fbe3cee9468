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

                let recipe = "\(service.folder)/empty.toml"
                try """
                name = "empty"
                kind = "train"
                [dataset]
                name = "spoiled"
                [training]
                epochs = 1
                """.write(toFile: recipe, atomically: true, encoding: .utf8)
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

                let recipe = "\(service.folder)/student.toml"
                try """
                name = "student"
                kind = "train"
                [dataset]
                name = "spoiled"
                [training]
                epochs = 1
                """.write(toFile: recipe, atomically: true, encoding: .utf8)
                #expect(try await service.ctl("enqueue", recipe, "--wait").status == 0)
                // The same distances, as metres in an array.
                var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (48, 48), }"
                header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
                func array(_ metres: Float) -> Data {
                    var data = Data(
                        [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8))
                    for pixel in 0..<48 * 48 {
                        withUnsafeBytes(of: metres + Float(pixel % 48) / 100) {
                            data.append(contentsOf: $0)
                        }
                    }
                    return data
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
    }
}
