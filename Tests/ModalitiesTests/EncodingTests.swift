import Foundation
import Modalities
import Testing

@Suite("Encodings")
struct EncodingTests {
    private func encode(
        _ plugin: ModalityPlugin, _ name: String, _ input: Grid, _ extra: PluginOptions = [:]
    ) throws -> Grid {
        var builder = EagerBuilder()
        let parameters: PluginOptions = [
            "height": .number(Double(input.shape[2])), "width": .number(Double(input.shape[3])),
        ]
        return try plugin.buildEncoding(
            name, parameters: parameters.merging(extra) { $1 }, using: &builder, input: input)
    }

    @Test("Defaults are imagenet and normals")
    func defaults() {
        #expect(Plugins.rgb.defaultEncoding?.name == "imagenet")
        #expect(Plugins.depth.defaultEncoding?.name == "normals")
        #expect(Plugins.depth.encodings.map(\.channels) == [3, 3])
    }

    @Test("imagenet centres and scales each channel; unit changes nothing")
    func colour() throws {
        let input = Grid(shape: [1, 3, 1, 1], values: [0.485, 0.456 + 0.224, 0])
        let encoded = try encode(Plugins.rgb, "", input).values
        #expect(zip(encoded, [0, 1, -0.406 / 0.225]).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(try encode(Plugins.rgb, "unit", input).values == input.values)
    }

    @Test("normals give the tilt of a plane, borders included")
    func plane() throws {
        // The plane Z = 2 + a X, seen by a camera with f = 1 image width.
        let (side, slope) = (33, Float(0.5))
        var values: [Float] = []
        for _ in 0..<side {
            for column in 0..<side {
                let x = (Float(column) - 16) / Float(side)
                values.append(2 / (1 - slope * x))
            }
        }
        let encoded = try encode(
            Plugins.depth, "normals", Grid(shape: [1, 1, side, side], values: values))
        #expect(encoded.shape == [1, 3, side, side])
        for row in 0..<side {
            for column in 2..<side - 2 {
                // X = x z along the ray, so dz/dx f/z = a z / 2; the encoding divides by 4.
                let z = values[row * side + column]
                let expected = slope * z / 2 / 4
                #expect(abs(encoded[0, 0, row, column] - expected) < 0.01)
                #expect(abs(encoded[0, 1, row, column]) < 1e-3)
                #expect(abs(encoded[0, 2, row, column] - log(1 + z)) < 1e-5)
            }
        }
    }

    @Test("A camera's focal lengths give the same tilt along both axes of a squeezed picture")
    func focalLengths() throws {
        // The plane Z = 2 + a X + a Y, 640 x 480 pictures of a camera with f = 525, squeezed into a square.
        let (side, slope) = (48, Float(0.4))
        let focal = (x: 525.0 / 640, y: 525.0 / 480)
        #expect(Plugins.depth.encodings.filter(\.takesFocalLength).map(\.name) == ["normals"])
        var values: [Float] = []
        for row in 0..<side {
            for column in 0..<side {
                let x = (Float(column) - 23.5) / Float(side) / Float(focal.x)
                let y = (Float(row) - 23.5) / Float(side) / Float(focal.y)
                values.append(2 / (1 - slope * x - slope * y))
            }
        }
        let input = Grid(shape: [1, 1, side, side], values: values)
        let encoded = try encode(
            Plugins.depth, "normals", input,
            ["focal": .number(focal.x), "focal_y": .number(focal.y)])
        let plain = try encode(Plugins.depth, "normals", input)
        for row in 4..<side - 4 {
            for column in 4..<side - 4 {
                // dz/dx f/z = a z / 2 along both; the encoding divides by 4.
                let expected = slope * values[row * side + column] / 2 / 4
                #expect(abs(encoded[0, 0, row, column] - expected) < 0.01)
                #expect(abs(encoded[0, 1, row, column] - expected) < 0.01)
                #expect(
                    abs(plain[0, 0, row, column] * Float(focal.x) - encoded[0, 0, row, column])
                        < 1e-4)
                #expect(
                    abs(plain[0, 1, row, column] * Float(focal.y) - encoded[0, 1, row, column])
                        < 1e-4)
            }
        }
        #expect(
            code { _ = try encode(Plugins.depth, "normals", input, ["focal_y": -1]) }
                == "encoding.parameter")
    }

    @Test("Holes encode to zero and do not tilt their neighbours")
    func holes() throws {
        var values = [Float](repeating: 3, count: 100)
        for pixel in [0, 9, 44, 45, 55, 90] { values[pixel] = 0 }
        for name in ["normals", "metric"] {
            let encoded = try encode(
                Plugins.depth, name, Grid(shape: [1, 1, 10, 10], values: values))
            #expect(encoded.values.allSatisfy { $0.isFinite })
            for pixel in 0..<100 {
                let channels = (0..<3).map { encoded[0, $0, pixel / 10, pixel % 10] }
                if values[pixel] == 0 {
                    #expect(channels == [0, 0, 0])
                } else if name == "normals" {
                    #expect(abs(channels[0]) < 1e-5 && abs(channels[1]) < 1e-5)
                } else {
                    #expect(abs(channels[0] - log(4) / log(11)) < 1e-5)
                    #expect(abs(channels[1] - 1 / 3) < 1e-6 && channels[2] == 1)
                }
            }
        }
    }

    @Test("A mirrored picture has mirrored slopes of the other sign along x")
    func mirror() throws {
        var generator = SplitMix(seed: 12)
        let values = (0..<144).map { _ in Float.random(in: 1..<1.2, using: &generator) }
        let mirrored = (0..<144).map { (pixel: Int) -> Float in
            let column = pixel % 12
            return values[pixel - column + 11 - column]
        }
        let shape = [1, 1, 12, 12]
        let plain = try encode(Plugins.depth, "normals", Grid(shape: shape, values: values))
        let other = try encode(Plugins.depth, "normals", Grid(shape: shape, values: mirrored))
        for pixel in 0..<144 {
            let (row, column) = (pixel / 12, pixel % 12)
            #expect(abs(plain[0, 0, row, column] + other[0, 0, row, 11 - column]) < 1e-3)
            #expect(abs(plain[0, 1, row, column] - other[0, 1, row, 11 - column]) < 1e-3)
        }
    }

    @Test("Slopes are clipped, and parameters checked")
    func parameters() throws {
        let values = (0..<64).map { Float($0 % 8 < 4 ? 1 : 9) }
        let input = Grid(shape: [1, 1, 8, 8], values: values)
        let encoded = try encode(Plugins.depth, "normals", input)
        #expect(encoded.values.allSatisfy { abs($0) <= Float(log(10.0)) + 1e-6 })
        let tight = try encode(Plugins.depth, "normals", input, ["slope_limit": 2])
        #expect((0..<64).allSatisfy { abs(tight.values[$0]) <= 0.5 })
        #expect(
            code { _ = try encode(Plugins.depth, "normals", input, ["focus": 1]) }
                == "option.unknown")
        #expect(
            code { _ = try encode(Plugins.depth, "normals", input, ["focal": 0]) }
                == "encoding.parameter")
        var builder = EagerBuilder()
        #expect(
            code {
                _ = try Plugins.depth.buildEncoding(
                    "normals", parameters: [:], using: &builder, input: input)
            } == "encoding.parameter")
    }
}
