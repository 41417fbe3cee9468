import CPNG
import Distillation

/// A colour, 0...255 each.
struct Colour: Equatable {
    var red: UInt8, green: UInt8, blue: UInt8

    static let paper = Colour(red: 24, green: 24, blue: 28)
    static let ink = Colour(red: 230, green: 230, blue: 230)
    static let faint = Colour(red: 110, green: 110, blue: 120)

    init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Parts of 0...1; what is beyond is cut.
    init(_ red: Float, _ green: Float, _ blue: Float) {
        func byte(_ part: Float) -> UInt8 {
            part.isFinite ? UInt8(max(0, min(255, (part * 255).rounded()))) : 0
        }
        self.init(red: byte(red), green: byte(green), blue: byte(blue))
    }

    /// A share of another colour over this one.
    func mixed(_ other: Colour, _ share: Float) -> Colour {
        func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
            UInt8((Float(a) * (1 - share) + Float(b) * share).rounded())
        }
        return Colour(
            red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }
}

/// A picture that is drawn on, 8 bits a channel.
struct Canvas {
    let width: Int, height: Int
    private var bytes: [UInt8]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        bytes = [UInt8](repeating: 0, count: 3 * width * height)
        fill(x: 0, y: 0, width: width, height: height, .paper)
    }

    /// What lies outside is left out.
    mutating func set(_ x: Int, _ y: Int, _ colour: Colour) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        let place = 3 * (y * width + x)
        bytes[place] = colour.red
        bytes[place + 1] = colour.green
        bytes[place + 2] = colour.blue
    }

    mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: Colour) {
        for row in y..<y + max(0, height) {
            for column in x..<x + max(0, width) { set(column, row, colour) }
        }
    }

    /// Text with its left upper corner at a place; a character is 8 pixels wide and 10 high.
    mutating func write(_ text: String, x: Int, y: Int, _ colour: Colour = .ink) {
        for (number, character) in text.enumerated() {
            for (row, pixels) in PixelFont.glyph(character).enumerated() {
                for (column, isSet) in pixels.enumerated() where isSet {
                    fill(
                        x: x + 8 * number + 2 * column, y: y + 2 * row, width: 2, height: 2, colour)
                }
            }
        }
    }

    /// - Throws: `file.write` with the reason.
    func write(to path: String) throws {
        let failure = bytes.withUnsafeBufferPointer {
            distill_png_write_rgb8(path, UInt32(width), UInt32(height), $0.baseAddress)
        }
        if let failure {
            throw DistillationError(
                "file.write", "\(path) cannot be written: \(String(cString: failure))",
                hint: "name another file with --to")
        }
    }
}
