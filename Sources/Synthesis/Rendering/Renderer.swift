/// Turns a scene into a pair of pictures.
struct Renderer {
    let camera: Camera
    let seed: UInt64
    let sensorNoise: Bool

    func render(_ scene: Scene, index: Int) -> RenderedPair {
        let caster = RayCaster(scene: scene)
        var depth: [Double] = []
        var things: [Int32] = []
        var colours: [Colour] = []
        let count = camera.width * camera.height
        depth.reserveCapacity(count)
        things.reserveCapacity(count)
        colours.reserveCapacity(count)
        for y in 0..<camera.height {
            for x in 0..<camera.width {
                let sight = caster.look(along: camera.ray(Double(x), Double(y)))
                depth.append(sight.depth)
                things.append(Int32(sight.thing))
                colours.append(sight.colour)
            }
        }
        smoothEdges(of: &colours, things: things, caster: caster)
        return RenderedPair(
            width: camera.width, height: camera.height,
            rgb: exposed(colours, index: index), depthMillimetres: readings(depth, index: index),
            identity: scene.identity)
    }

    /// Looks again, with four rays, at pixels where the thing or the colour changes.
    private func smoothEdges(of colours: inout [Colour], things: [Int32], caster: RayCaster) {
        let single = colours
        let width = camera.width
        func changes(_ a: Int, _ b: Int) -> Bool {
            things[a] != things[b] || single[a].difference(from: single[b]) > 0.15
        }
        for y in 0..<camera.height {
            for x in 0..<width {
                let pixel = y * width + x
                guard
                    (x > 0 && changes(pixel, pixel - 1))
                        || (x + 1 < width && changes(pixel, pixel + 1))
                        || (y > 0 && changes(pixel, pixel - width))
                        || (y + 1 < camera.height && changes(pixel, pixel + width))
                else { continue }
                var sum = Colour(0, 0, 0)
                for (dx, dy) in [(-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)] {
                    sum =
                        sum + caster.look(along: camera.ray(Double(x) + dx, Double(y) + dy)).colour
                }
                colours[pixel] = sum * 0.25
            }
        }
    }

    /// 8-bit values, with a little sensor noise.
    private func exposed(_ colours: [Colour], index: Int) -> [UInt8] {
        var random = SceneRandom(seed: seed, index: index, stream: .colourSensor)
        let sigma = sensorNoise ? 2.5 : 0
        func level(_ value: Double) -> UInt8 {
            UInt8(max(0, min(255, (value * 255 + sigma * random.gaussian()).rounded())))
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(colours.count * 3)
        for colour in colours {
            bytes.append(level(colour.red))
            bytes.append(level(colour.green))
            bytes.append(level(colour.blue))
        }
        return bytes
    }

    private func readings(_ depth: [Double], index: Int) -> [UInt16] {
        guard sensorNoise else { return depth.map(DepthSensor.exactReading) }
        var random = SceneRandom(seed: seed, index: index, stream: .depthSensor)
        return DepthSensor(width: camera.width, height: camera.height)
            .readings(of: depth, drawnFrom: &random)
    }
}
