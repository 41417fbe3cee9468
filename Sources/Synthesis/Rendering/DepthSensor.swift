/// What a structured-light depth camera makes of exact depth.
///
/// Axial noise of standard deviation `0.0012 + 0.0019 (z - 0.4)^2` metres; beside a depth jump over
/// 5 % (within one pixel, and one more for every 240 of the shorter side) a reading is lost with
/// probability 0.3; up to four rectangular holes.
/// - Reference: Nguyen, Izadi, Lovell, "Modeling Kinect sensor noise", 3DIMPVT 2012.
struct DepthSensor {
    let width: Int
    let height: Int

    /// Readings without noise: metres rounded to millimetres; 0 beyond 65.535 m or where nothing is.
    static func exactReading(_ depth: Double) -> UInt16 {
        let millimetres = (depth * 1000).rounded()
        return millimetres >= 1 && millimetres <= 65535 ? UInt16(millimetres) : 0
    }

    /// Readings in millimetres, 0 = none.
    ///
    /// - Parameter depth: Exact depth in metres, row by row.
    func readings(of depth: [Double], drawnFrom random: inout SceneRandom) -> [UInt16] {
        let nearJump = pixelsNearJumps(depth)
        var readings = [UInt16](repeating: 0, count: depth.count)
        for pixel in depth.indices {
            let z = depth[pixel]
            let sigma = 0.0012 + 0.0019 * (z - 0.4) * (z - 0.4)
            let noisy = z + sigma * random.gaussian()
            // Every pixel draws the same number of times, so that edges do not shift the stream.
            let lost = random.chance(0.3) && nearJump[pixel]
            readings[pixel] = lost || !z.isFinite ? 0 : Self.exactReading(noisy)
        }
        for _ in 0..<random.below(5) {
            punchHole(into: &readings, drawnFrom: &random)
        }
        return readings
    }

    private func pixelsNearJumps(_ depth: [Double]) -> [Bool] {
        var jumps = [Bool](repeating: false, count: depth.count)
        func compare(_ a: Int, _ b: Int) {
            if abs(depth[a] - depth[b]) > 0.05 * min(depth[a], depth[b]) {
                jumps[a] = true
                jumps[b] = true
            }
        }
        for y in 0..<height {
            for x in 0..<width {
                let pixel = y * width + x
                if x + 1 < width { compare(pixel, pixel + 1) }
                if y + 1 < height { compare(pixel, pixel + width) }
            }
        }
        // The pixels at a jump are the first; each further one takes their neighbours too.
        return (0..<min(width, height) / 240).reduce(jumps) { near, _ in widened(near) }
    }

    private func widened(_ pixels: [Bool]) -> [Bool] {
        var wider = pixels
        for y in 0..<height {
            for x in 0..<width where pixels[y * width + x] {
                for row in max(0, y - 1)...min(height - 1, y + 1) {
                    for column in max(0, x - 1)...min(width - 1, x + 1) {
                        wider[row * width + column] = true
                    }
                }
            }
        }
        return wider
    }

    private func punchHole(into readings: inout [UInt16], drawnFrom random: inout SceneRandom) {
        let side = Double(min(width, height))
        let holeWidth = max(1, Int(side * random.uniform(0.02, 0.12)))
        let holeHeight = max(1, Int(side * random.uniform(0.02, 0.12)))
        let left = random.below(max(1, width - holeWidth))
        let top = random.below(max(1, height - holeHeight))
        for y in top..<min(height, top + holeHeight) {
            for x in left..<min(width, left + holeWidth) {
                readings[y * width + x] = 0
            }
        }
    }
}
