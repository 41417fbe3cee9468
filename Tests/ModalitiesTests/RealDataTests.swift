import Foundation
import Modalities
import Testing

@Suite("Real recordings, where they lie beside the package")
struct RealDataTests {
    private func files(_ folder: URL, _ suffix: String) throws -> [URL] {
        let walker = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (walker?.compactMap { $0 as? URL } ?? []).filter { $0.path.hasSuffix(suffix) }
            .sorted { $0.path < $1.path }
    }

    @Test(
        "PngSuite: every good file is read, every corrupt one refused",
        .enabled(if: realData("pngsuite") != nil))
    func pngSuite() throws {
        let folder = try #require(realData("pngsuite"))
        for file in try files(folder, ".png") {
            let name = file.lastPathComponent
            let refusal = code {
                _ = try Plugins.rgb.decode(path: file.path)
                _ = try Plugins.rgb.inspect(path: file.path, contents: true)
            }
            #expect((refusal != nil) == name.hasPrefix("x"), "\(name): \(refusal ?? "read")")
            let depth = code { _ = try Plugins.depth.decode(path: file.path) }
            let gray16 = name.hasSuffix("0g16.png")
            #expect(
                (depth == nil) == (gray16 && !name.hasPrefix("x")), "\(name): \(depth ?? "read")")
        }
        // The interlaced file is the same picture as the plain one.
        func read(_ name: String) throws -> DecodedSample {
            try Plugins.rgb.decode(path: folder.appendingPathComponent(name).path)
        }
        for kind in ["0g16", "2c08", "2c16", "3p08", "0g01"] {
            #expect(try read("basi\(kind).png") == read("basn\(kind).png"))
        }
    }

    @Test(
        "Depth as PGM, as PNG, and pictures that are no depth",
        .enabled(if: realData("depth-formats") != nil))
    func depthFormats() throws {
        let folder = try #require(realData("depth-formats"))
        let pgm = try files(folder, ".pgm")
        #expect(pgm.count == 5)
        for (options, found) in [
            (["scale": 0.001] as PluginOptions, pgm),
            (["scale": 0.0002], try files(folder, "_depth.png")),
        ] {
            for file in found {
                let header = try Plugins.depth.inspect(
                    path: file.path, options: options, contents: true)
                #expect(header.width == 640 && header.height == 480 && header.bitDepth == 16)
                #expect(header.warnings.isEmpty, "\(file.lastPathComponent): \(header.warnings)")
            }
        }
        for file in try files(folder.appendingPathComponent("not_depth_rgba"), ".png") {
            let text = message { _ = try Plugins.depth.inspect(path: file.path) }
            #expect(text.contains("RGBA") && text.contains("visualisation"))
        }
    }

    @Test(
        "Kitchen: pairs decode at the size a view needs", .enabled(if: realData("kitchen") != nil))
    func kitchen() throws {
        let folder = try #require(realData("kitchen"))
        for frame in ["000000", "000099", "000700"] {
            let colour = folder.appendingPathComponent("frame-\(frame).color.jpg").path
            let depth = folder.appendingPathComponent("frame-\(frame).depth.png").path
            guard FileManager.default.fileExists(atPath: colour) else { continue }
            let picture = try Plugins.rgb.decode(path: colour, minimumShortSide: 64)
            #expect(picture.height == 120 && picture.width == 160)
            let options: PluginOptions = ["scale": 0.001, "invalid": 0, "maximum": 20]
            let header = try Plugins.depth.inspect(path: depth, options: options, contents: true)
            #expect(header.warnings.isEmpty)
            let metres = try Plugins.depth.decode(
                path: depth, options: options, minimumShortSide: 64)
            #expect(metres.height == 69 && metres.width == 91)
            let valid = metres.values.filter { $0 > 0 }
            #expect(valid.count > metres.values.count / 2)
            #expect(valid.allSatisfy { (0.1...20).contains($0) })
        }
    }
}
