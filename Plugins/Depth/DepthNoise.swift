import PluginSupport

/// What a depth camera does to a clean picture: scale error, axial noise, frayed edges and holes.
///
/// Every number comes from `CounterGenerator(seed, index)`; the counters below never overlap, so
/// the result depends on nothing but the picture, the seed and the index.
/// - Reference: Nguyen, Izadi, Lovell 2012, "Modeling Kinect sensor noise" (axial noise).
struct DepthNoise {
    private enum Counter {
        static let scale: UInt64 = 0
        static let holeCount: UInt64 = 1
        static let holes: UInt64 = 2
        static let axial: UInt64 = 1 << 32
        static let dropout: UInt64 = 2 << 32
    }

    let generator: CounterGenerator
    let height: Int, width: Int

    /// Changes metres in place; invalid pixels stay invalid.
    func apply(to metres: UnsafeMutablePointer<Float>) {
        let dropped = edgeDropout(metres)
        addAxialNoise(metres)
        for pixel in 0..<height * width where dropped[pixel] { metres[pixel] = 0 }
        cutHoles(metres)
    }

    /// A global scale of U(.95, 1.05), then sigma(z) = .0012 + .0019 (z - .4)^2 metres.
    private func addAxialNoise(_ metres: UnsafeMutablePointer<Float>) {
        let scale = generator.uniform(Counter.scale, from: 0.95, to: 1.05)
        for pair in stride(from: 0, to: height * width, by: 2) {
            let (first, second) = generator.normals(Counter.axial + UInt64(pair))
            add(first, scale, to: &metres[pair])
            if pair + 1 < height * width { add(second, scale, to: &metres[pair + 1]) }
        }
    }

    private func add(_ normal: Float, _ scale: Float, to metres: inout Float) {
        guard metres > 0 else { return }
        let z = metres * scale
        let offset = z - 0.4
        metres = max(z + normal * (0.0012 + 0.0019 * offset * offset), 0.001)
    }

    /// Pixels that vanish: 30 % of those within two pixels of a jump of more than 5 %.
    private func edgeDropout(_ metres: UnsafeMutablePointer<Float>) -> [Bool] {
        var near = [Bool](repeating: false, count: height * width)
        func mark(_ row: Int, _ column: Int) {
            // The jump lies between this pixel and a neighbour: one further pixel is two away.
            for y in max(row - 1, 0)...min(row + 1, height - 1) {
                for x in max(column - 1, 0)...min(column + 1, width - 1) {
                    near[y * width + x] = true
                }
            }
        }
        func jumps(_ a: Float, _ b: Float) -> Bool {
            a > 0 && b > 0 && abs(a - b) > 0.05 * min(a, b)
        }
        for row in 0..<height {
            for column in 0..<width {
                let here = metres[row * width + column]
                if column + 1 < width, jumps(here, metres[row * width + column + 1]) {
                    mark(row, column)
                    mark(row, column + 1)
                }
                if row + 1 < height, jumps(here, metres[(row + 1) * width + column]) {
                    mark(row, column)
                    mark(row + 1, column)
                }
            }
        }
        for pixel in near.indices where near[pixel] {
            near[pixel] = generator.uniform(Counter.dropout + UInt64(pixel)) < 0.3
        }
        return near
    }

    /// Zero to four rectangles, each side 4 to 20 % of the picture's.
    private func cutHoles(_ metres: UnsafeMutablePointer<Float>) {
        let count = Int(generator.word(Counter.holeCount) % 5)
        for hole in 0..<count {
            let counter = Counter.holes + 4 * UInt64(hole)
            let holeHeight = generator.uniform(counter, from: 0.04, to: 0.2) * Float(height)
            let holeWidth = generator.uniform(counter + 1, from: 0.04, to: 0.2) * Float(width)
            let top = Int(generator.uniform(counter + 2) * (Float(height) - holeHeight))
            let left = Int(generator.uniform(counter + 3) * (Float(width) - holeWidth))
            for row in top..<min(top + max(Int(holeHeight), 1), height) {
                for column in left..<min(left + max(Int(holeWidth), 1), width) {
                    metres[row * width + column] = 0
                }
            }
        }
    }
}
