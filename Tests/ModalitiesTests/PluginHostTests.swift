import Foundation
import Modalities
import Testing

@Suite("Finding and loading plugins")
struct PluginHostTests {
    @Test("Manifests are listed without loading anything, first folder first")
    func discovery() throws {
        try withTemporaryFolder { folder in
            try Plugins.install("rgb", into: folder)
            try Plugins.install("depth", into: folder) { target in
                // A library that cannot be loaded is no obstacle to listing.
                try Data("no library".utf8)
                    .write(to: target.appendingPathComponent("libdistill-modality-depth.so"))
            }
            let host = PluginHost(folders: ["\(folder.path)/absent", folder.path])
            #expect(host.discovered.map(\.manifest.id) == ["distill.depth", "distill.rgb"])
            #expect(host.refused.isEmpty)
            let single = PluginHost(folders: ["\(folder.path)/rgb", folder.path])
            #expect(single.discovered.map(\.manifest.modality) == ["rgb", "depth"])
            #expect(single.refused.map(\.error.code) == ["plugin.shadowed"])
            #expect(code { _ = try host.plugin(modality: "depth") } == "plugin.load")
            #expect(code { _ = try host.plugin(modality: "flow") } == "plugin.unknown_modality")
            let rgb = try host.plugin(modality: "rgb")
            #expect(try host.plugin(id: "distill.rgb") === rgb)
            #expect(rgb.channels == 3)
            #expect(rgb.libraryDigest.count == 64)
        }
    }

    @Test("A plugin in plain C decodes, cuts and encodes like any other")
    func plainC() throws {
        let text = Array("TNY 3 2\n1 2 3\n4 5 6\n".utf8)
        try withFile(text, named: "a.tiny") { path in
            let header = try Plugins.tiny.inspect(path: path)
            #expect(header.width == 3 && header.height == 2 && header.format == "tiny")
            let sample = try Plugins.tiny.decode(path: path, options: ["gain": 2])
            #expect(sample.values == [2, 4, 6, 8, 10, 12])
            var flipped = [Float](repeating: 0, count: 6)
            try flipped.withUnsafeMutableBufferPointer {
                let mirror = ViewGeometry(x: 0, y: 0, width: 1, height: 1, flip: true)
                try Plugins.tiny.view(sample, view: mirror, height: 2, width: 3, into: $0)
            }
            #expect(try Plugins.tiny.noise([:]) == nil)
            #expect(flipped == [6, 4, 2, 12, 10, 8])
            var builder = EagerBuilder()
            let encoded = try Plugins.tiny.buildEncoding(
                "", parameters: [:], using: &builder,
                input: Grid(shape: [1, 1, 1, 2], values: [0, 1]))
            #expect(encoded.values == [-1, 1])
        }
        try withFile(Array("TNY 3 2\n1 2".utf8)) { path in
            #expect(code { _ = try Plugins.tiny.decode(path: path) } == "file.truncated")
        }
    }

    @Test("The builder's own error reaches the caller")
    func builderError() {
        struct Refusal: Error {}
        struct Refusing: EncodingBuilder {
            func constant(_ values: [Float], shape: [Int]) throws -> Int { throw Refusal() }
            func operation(
                _ name: String, inputs: [Int], attributes: [String: [Double]]
            ) throws -> Int { throw Refusal() }
        }
        var builder = Refusing()
        for plugin in [Plugins.rgb, Plugins.depth, Plugins.tiny] {
            #expect(throws: Refusal.self) {
                _ = try plugin.buildEncoding(
                    "", parameters: ["height": 4, "width": 4], using: &builder, input: 0)
            }
        }
        #expect(code { _ = try Plugins.depth.encoding(named: "hha") } == "encoding.unknown")
    }
}
