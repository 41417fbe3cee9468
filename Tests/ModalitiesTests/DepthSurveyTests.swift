import Foundation
import Modalities
import Testing

/// A wall 3.1 m away above a floor that runs towards the camera, a box in front of it: distances in metres.
private func room(_ file: Int, width: Int = 96, height: Int = 72) -> [Double] {
    (0..<width * height).map { pixel in
        let (row, column) = (pixel / width, pixel % width)
        if row % 12 == 3, column % 16 == file % 16 { return 0 }  // Holes, as sensors leave them.
        if (20 + file..<40 + file).contains(column), (24..<50).contains(row) { return 1.4 }
        let floor = row > 30 ? 40 / Double(row - 30 + file % 3) : .infinity
        let sideWall = 3.1 / (0.6 + Double(column) / 100)
        return min(3.1, floor, sideWall)
    }
}

@Suite("What a sample of depth files says about its description")
struct DepthSurveyTests {
    /// The codes of what is found in files made of the room's distances, and the figures.
    private func survey(
        _ options: PluginOptions = [:], count: Int = 6,
        file: ([Double]) -> [UInt8]
    ) throws -> ModalitySurvey {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("survey-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = try (0..<count).map { index in
            let path = folder.appendingPathComponent("\(index)")
            try Data(file(room(index))).write(to: path)
            return path.path
        }
        return try #require(try Plugins.depth.survey(paths: paths, options: options))
    }

    private func png(_ metres: [Double], _ word: (Double) -> Double) -> [UInt8] {
        PictureFiles.png16(
            width: 96, height: 72,
            metres.map { $0 == 0 ? 0 : UInt16(max(0, min(65_535, word($0).rounded()))) })
    }

    private func codes(
        _ options: PluginOptions = [:], _ word: @escaping (Double) -> Double
    ) throws -> [String] {
        try survey(options) { png($0, word) }.findings.map(\.code)
    }

    @Test("millimetres that are said to be millimetres give figures and no finding")
    func good() throws {
        let found = try survey(["scale": 0.001, "maximum": 20]) { png($0) { 1000 * $0 } }
        #expect(found.findings.isEmpty, "\(found.findings)")
        let figures = Dictionary(uniqueKeysWithValues: found.figures.map { ($0.name, $0) })
        #expect(figures["median"]?.unit == "metres")
        #expect((1.0...3.1).contains(figures["median"]?.value ?? 0))
        #expect((figures["valid"]?.value ?? 0) > 0.9)
        #expect(figures["beyond maximum"]?.value == 0)
    }

    @Test("a wrong unit")
    func units() throws {
        let maximum: PluginOptions = ["maximum": 20]
        #expect(try codes(maximum) { 5000 * $0 }.contains("depth.scale_doubtful"))
        #expect(try codes(["scale": 0.0002, "maximum": 20]) { 5000 * $0 }.isEmpty)
        let scaled = try survey(["scale": 1000, "maximum": 20]) { png($0) { 1000 * $0 } }
        #expect(scaled.findings.map(\.code) == ["depth.empty", "depth.scale"])
        #expect(scaled.findings[1].hint.contains("units_per_metre = 1000"))
        let tiny = try survey(["scale": 0.000_001, "maximum": 20]) { png($0) { 1000 * $0 } }
        #expect(tiny.findings.map(\.code) == ["depth.median"])
        #expect(tiny.findings[0].hint.contains("unit = \"mm\""))
    }

    @Test("bytes, bits and numbers that mean no reading")
    func bits() throws {
        let options: PluginOptions = ["scale": 0.001, "maximum": 20]
        let swapped = try codes(options) { Double(UInt16(1000 * $0).byteSwapped) }
        #expect(swapped.contains("depth.byte_order"))
        let mended: PluginOptions = ["scale": 0.001, "maximum": 20, "byte_order": "little"]
        #expect(try codes(mended) { Double(UInt16(1000 * $0).byteSwapped) }.isEmpty)
        #expect(try codes(options) { 8 * (1000 * $0).rounded() }.contains("depth.bit_rotation"))
        #expect(try codes(options) { 257 * (60 * $0).rounded() }.contains("depth.stretched"))
        let full = try survey(options) { metres in
            PictureFiles.png16(
                width: 96, height: 72,
                metres.map { $0 > 2.9 || $0 == 0 ? 65_535 : UInt16(1000 * $0) })
        }
        #expect(full.findings.map(\.code).contains("depth.invalid"))
    }

    @Test("numbers that are no distances, whatever their unit", arguments: [20.0, 700, 12_000])
    func noDistance(_ unit: Double) throws {
        // Disparity grows towards the camera; so does inverse depth.
        let found = try survey(["scale": 0.001, "maximum": 20]) { png($0) { unit / $0 + 40 } }
        #expect(found.findings.contains { $0.code == "depth.not_distance" }, "\(found.findings)")
    }

    @Test("normalised and raw numbers")
    func unitless() throws {
        let options: PluginOptions = ["scale": 0.001, "maximum": 20]
        let normalised = try survey(options) { metres in
            var top = metres.max() ?? 1
            var metres = metres
            // One pixel alone is farthest.
            metres[100] = top * 1.01
            top *= 1.01
            return png(metres) { 65_535 * $0 / top }
        }
        #expect(normalised.findings.map(\.code).contains("depth.normalised"))
        let raw = try survey(options) { metres in
            PictureFiles.png16(
                width: 96, height: 72,
                metres.map { $0 == 0 ? 2047 : UInt16(1090 - 350 / $0) })
        }
        #expect(raw.findings.map(\.code).contains("depth.raw_disparity"))
    }

    @Test("few readings, unless few are to be expected")
    func few() throws {
        func sparse(_ options: PluginOptions) throws -> [String] {
            try survey(options) { metres in
                png(metres.enumerated().map { $0 % 17 == 0 ? $1 : 0 }) { 1000 * $0 }
            }.findings.map(\.code)
        }
        #expect(try sparse(["scale": 0.001, "maximum": 20]) == ["depth.few"])
        #expect(try sparse(["scale": 0.001, "maximum": 20, "sparse": true]).isEmpty)
        let none = try survey(["scale": 0.001]) { png($0) { _ in 0 } }
        #expect(none.findings.map(\.code) == ["depth.empty"])
    }

    @Test("readings beyond the maximum")
    func beyond() throws {
        let found = try survey(["scale": 0.001, "maximum": 2]) { png($0) { 1000 * $0 } }
        #expect(found.findings.map(\.code) == ["depth.beyond"])
    }

    @Test("arrays of whole numbers, and metres that are millimetres")
    func arrays() throws {
        func npy(_ descr: String, _ bytes: [UInt8]) -> [UInt8] {
            PictureFiles.npy(descr: descr, shape: "(72, 96)", version: 1, data: bytes)
        }
        func bytes<Value>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
        let whole = try survey(["maximum": 20]) { metres in
            npy("<u2", bytes(metres.map { UInt16(1000 * $0) }))
        }
        #expect(whole.findings.map(\.code) == ["depth.whole_npy"])
        let millimetres = try survey(["maximum": 20]) { metres in
            npy("<f4", bytes(metres.map { Float(1000 * $0) }))
        }
        #expect(millimetres.findings.map(\.code) == ["depth.empty"])
        #expect(millimetres.findings[0].hint.contains("unit = \"mm\""))
        let metres = try survey(["maximum": 20]) { npy("<f4", bytes($0.map { Float($0) })) }
        #expect(metres.findings.isEmpty, "\(metres.findings)")
    }

    @Test("files that cannot be read are passed over; where none can it is an error")
    func unreadable() throws {
        let found = try survey(["scale": 0.001, "maximum": 20]) { metres in
            metres[0] == room(1)[0] && metres == room(1)
                ? Array("nothing".utf8) : png(metres) { 1000 * $0 }
        }
        #expect(found.findings.isEmpty)
        #expect(throws: PluginError.self) { try survey { _ in Array("nothing".utf8) } }
        #expect(throws: PluginError.self) { try survey(["scael": 1]) { png($0) { $0 } } }
    }

    @Test(
        "real recordings give no finding, and their reciprocals one",
        .enabled(if: realData("kitchen") != nil))
    func recordings() throws {
        let folder = try #require(realData("kitchen"))
        let frames = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".depth.png") }.sorted()
        let paths = stride(from: 0, to: frames.count, by: frames.count / 16).map {
            folder.appendingPathComponent(frames[$0]).path
        }
        let options: PluginOptions = ["scale": 0.001, "maximum": 20]
        let found = try #require(try Plugins.depth.survey(paths: paths, options: options))
        #expect(found.findings.isEmpty, "\(found.findings)")
        let inverse = try paths.map { path in
            let sample = try Plugins.depth.decode(path: path, options: options)
            let file = FileManager.default.temporaryDirectory
                .appendingPathComponent("inverse-\(UUID().uuidString).npy")
            let bytes = sample.values.map { $0 == 0 ? 0 : 1 / $0 }.withUnsafeBytes { Array($0) }
            try Data(
                PictureFiles.npy(
                    descr: "<f4", shape: "(\(sample.height), \(sample.width))", version: 1,
                    data: bytes)
            ).write(to: file)
            return file.path
        }
        defer { for path in inverse { try? FileManager.default.removeItem(atPath: path) } }
        let fallen = try #require(
            try Plugins.depth.survey(paths: inverse, options: ["maximum": 20]))
        #expect(fallen.findings.map(\.code) == ["depth.not_distance"])
    }
}
