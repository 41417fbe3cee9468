import PluginSupport

/// What a depth camera does to a clean picture: scale error, axial noise, frayed edges and holes.
///
/// The camera's noise belongs to the camera's pixels. A view's pixel is the mean of the n x n of them that it
/// covers, so axial noise shrinks by n, and a pixel is lost at an edge only where more than half of the n x n are.
///
/// Every number comes from `CounterGenerator(seed, index)`; the counters below never overlap, so
/// the result depends on nothing but the picture, the settings, the seed and the index.
/// - Reference: Nguyen, Izadi, Lovell 2012, "Modeling Kinect sensor noise" (axial noise).
struct DepthNoise {
    private enum Counter {
        static let scale: UInt64 = 0
        static let holeCount: UInt64 = 1
        static let holes: UInt64 = 2
        static let axial: UInt64 = 1 << 32
        static let dropout: UInt64 = 2 << 32
    }

    let settings: DepthNoiseSettings
    let generator: CounterGenerator
    let height: Int, width: Int
    /// How many of the camera's pixels lie along a side of one of the picture's, above 0.
    let sensorPixels: Double

    /// Changes metres in place; invalid pixels stay invalid.
    func apply(to metres: UnsafeMutablePointer<Float>) {
        let dropped = edgeDropout(metres)
        addAxialNoise(metres)
        for (pixel, isDropped) in dropped.enumerated() where isDropped { metres[pixel] = 0 }
        cutHoles(metres)
    }

    /// A global scale of U(1 - scale, 1 + scale), then sigma(z) = axial (.0012 + .0019 (z - .4)^2) / n metres.
    private func addAxialNoise(_ metres: UnsafeMutablePointer<Float>) {
        let spread = Float(settings.scale)
        let scale = generator.uniform(Counter.scale, from: 1 - spread, to: 1 + spread)
        let axial = Float(settings.axial / max(sensorPixels, 1))
        for pair in stride(from: 0, to: height * width, by: 2) {
            let (first, second) =
                axial > 0 ? generator.normals(Counter.axial + UInt64(pair)) : (0, 0)
            add(first * axial, scale, to: &metres[pair])
            if pair + 1 < height * width { add(second * axial, scale, to: &metres[pair + 1]) }
        }
    }

    private func add(_ normal: Float, _ scale: Float, to metres: inout Float) {
        guard metres > 0 else { return }
        let z = metres * scale
        let offset = z - 0.4
        metres = max(z + normal * (0.0012 + 0.0019 * offset * offset), 0.001)
    }

    /// Pixels that vanish beside a jump of more than 5 %; empty where none can.
    private func edgeDropout(_ metres: UnsafeMutablePointer<Float>) -> [Bool] {
        let shares = EdgeBand(settings, sensorPixels: sensorPixels).lost
        guard !shares.isEmpty else { return [] }
        var distances = jumpNeighbours(metres)
        for ring in 1..<UInt8(max(shares.count, 1)) { widen(&distances, by: ring) }
        return distances.indices.map { pixel in
            let distance = Int(distances[pixel])
            return distance < shares.count
                && generator.uniform(Counter.dropout + UInt64(pixel)) < shares[distance]
        }
    }

    /// 0 where a pixel or its neighbour lies at the other side of a jump, else the largest number.
    private func jumpNeighbours(_ metres: UnsafeMutablePointer<Float>) -> [UInt8] {
        var distances = [UInt8](repeating: .max, count: height * width)
        func jumps(_ a: Float, _ b: Float) -> Bool {
            a > 0 && b > 0 && abs(a - b) > 0.05 * min(a, b)
        }
        for row in 0..<height {
            for column in 0..<width {
                let pixel = row * width + column
                if column + 1 < width, jumps(metres[pixel], metres[pixel + 1]) {
                    distances[pixel] = 0
                    distances[pixel + 1] = 0
                }
                if row + 1 < height, jumps(metres[pixel], metres[pixel + width]) {
                    distances[pixel] = 0
                    distances[pixel + width] = 0
                }
            }
        }
        return distances
    }

    /// Gives the neighbours of those at the distance before `ring` that distance.
    private func widen(_ distances: inout [UInt8], by ring: UInt8) {
        for row in 0..<height {
            for column in 0..<width where distances[row * width + column] == ring - 1 {
                for y in max(row - 1, 0)...min(row + 1, height - 1) {
                    for x in max(column - 1, 0)...min(column + 1, width - 1)
                    where distances[y * width + x] > ring { distances[y * width + x] = ring }
                }
            }
        }
    }

    /// Up to `holes` rectangles, each side 4 to 20 % of the picture's.
    private func cutHoles(_ metres: UnsafeMutablePointer<Float>) {
        guard settings.holes > 0 else { return }
        let count = Int(Double(generator.uniform(Counter.holeCount)) * (settings.holes + 1))
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

/// Which share of a view's pixels is lost at each distance from a jump.
///
/// The camera loses `edges` of its pixels within `edge_width` of them. A view's pixel that covers N = n x n of
/// the camera's, of which the band holds c N, is lost with P(Binomial(c N, edges) > N / 2).
struct EdgeBand {
    /// By distance from the jump in the view's pixels, from 0 on, without the zeros at the end.
    let lost: [Float]

    init(_ settings: DepthNoiseSettings, sensorPixels: Double) {
        let band = settings.edgeWidth / sensorPixels
        let count = max(1, Int((sensorPixels * sensorPixels).rounded()))
        var lost: [Float] = []
        for distance in 0..<8 {
            let covered = min(max(band - Double(distance), 0), 1)
            let share = EdgeBand.majority(
                of: count, among: Int((covered * Double(count)).rounded()), settings.edges)
            // Less than one pixel in a thousand pictures' edges is none.
            guard share > 1e-4 else { break }
            lost.append(Float(share))
        }
        self.lost = lost
    }

    /// P(Binomial(tries, share) > count / 2).
    private static func majority(of count: Int, among tries: Int, _ share: Double) -> Double {
        guard tries * 2 > count, share > 0 else { return 0 }
        guard share < 1 else { return 1 }
        // Far from the bound a large number decides by its mean.
        guard tries <= 400 else { return share * Double(tries) > Double(count) / 2 ? 1 : 0 }
        var term = 1.0
        for _ in 0..<tries { term *= 1 - share }
        guard term > 0 else { return 1 }
        var total = 0.0
        for hits in 0...tries {
            if hits * 2 > count { total += term }
            term *= Double(tries - hits) / Double(hits + 1) * share / (1 - share)
        }
        return min(total, 1)
    }
}
