import Foundation
import Tensors

/// The text of an NPY header: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
///
/// - Reference: numpy.lib.format, versions 1.0 to 3.0.
struct NumPyHeader {
    var element: ElementType
    var bigEndian: Bool
    var columnMajor: Bool
    var shape: [Int]

    /// - Throws: `InterchangeError` that says what of the header was not understood.
    init(text: String) throws {
        var scanner = LiteralScanner(text)
        var descr: String?
        var order: Bool?
        var shape: [Int]?
        try scanner.expect("{")
        while !scanner.accept("}") {
            let key = try scanner.quoted()
            try scanner.expect(":")
            switch key {
            case "descr":
                guard scanner.peek() == "'" || scanner.peek() == "\"" else {
                    throw InterchangeError(
                        .unsupported, "the array holds records, not numbers",
                        hint: "save one field as an array of its own")
                }
                descr = try scanner.quoted()
            case "fortran_order": order = try scanner.boolean()
            case "shape": shape = try scanner.tuple()
            default: throw InterchangeError(.malformed, "unknown key '\(key)' in the header")
            }
            if !scanner.accept(",") {
                try scanner.expect("}")
                break
            }
        }
        guard let descr, let order, let shape else {
            throw InterchangeError(
                .malformed, "the header lacks one of descr, fortran_order and shape")
        }
        (element, bigEndian) = try NumPyHeader.elementType(descr)
        columnMajor = order
        self.shape = shape
    }

    /// Reads codes such as `<f4`, `>i8`, `|u1`, `|b1`, `<V2`.
    private static func elementType(_ code: String) throws -> (ElementType, Bool) {
        let known: [String: ElementType] = [
            "f8": .float64, "f4": .float32, "f2": .float16, "i8": .int64, "i4": .int32,
            "i2": .int16, "i1": .int8, "u8": .uint64, "u4": .uint32, "u2": .uint16, "u1": .uint8,
            "b1": .bool,
            // What numpy.save makes of the arrays of other packages' bfloat16.
            "V2": .bfloat16,
        ]
        guard let first = code.first, "<>|=".contains(first),
            let element = known[String(code.dropFirst())]
        else {
            throw InterchangeError(
                .unsupported, "element type '\(code)' is not a number that is understood",
                hint: "save it with .astype('float32')")
        }
        return (element, first == ">")
    }

    static func code(_ element: ElementType) -> String {
        switch element {
        case .float64: "<f8"
        case .float32, .bfloat16: "<f4"
        case .float16: "<f2"
        case .int64: "<i8"
        case .int32: "<i4"
        case .int16: "<i2"
        case .int8: "|i1"
        case .uint64: "<u8"
        case .uint32: "<u4"
        case .uint16: "<u2"
        case .uint8: "|u1"
        case .bool: "|b1"
        }
    }
}

/// Reads the few Python literals that an NPY header is made of.
private struct LiteralScanner {
    private let characters: [Character]
    private var position = 0

    init(_ text: String) { characters = Array(text) }

    mutating func peek() -> Character? {
        while position < characters.count, characters[position].isWhitespace { position += 1 }
        return position < characters.count ? characters[position] : nil
    }

    mutating func accept(_ character: Character) -> Bool {
        guard peek() == character else { return false }
        position += 1
        return true
    }

    mutating func expect(_ character: Character) throws {
        guard accept(character) else {
            let found = peek().map { "'\($0)'" } ?? "its end"
            throw InterchangeError(
                .malformed, "expected '\(character)' in the header, found \(found)")
        }
    }

    mutating func quoted() throws -> String {
        guard let quote = peek(), quote == "'" || quote == "\"" else {
            throw InterchangeError(.malformed, "expected a quoted word in the header")
        }
        position += 1
        var word = ""
        while position < characters.count, characters[position] != quote {
            word.append(characters[position])
            position += 1
        }
        guard position < characters.count else {
            throw InterchangeError(.malformed, "a quoted word in the header does not end")
        }
        position += 1
        return word
    }

    mutating func boolean() throws -> Bool {
        _ = peek()
        for (word, value) in [("True", true), ("False", false)] {
            let characters = self.characters.dropFirst(position).prefix(word.count)
            if characters.elementsEqual(word) {
                position += word.count
                return value
            }
        }
        throw InterchangeError(.malformed, "fortran_order is neither True nor False")
    }

    mutating func tuple() throws -> [Int] {
        try expect("(")
        var numbers: [Int] = []
        while !accept(")") {
            var digits = ""
            while let next = peek(), next.isASCII, next.isNumber {
                digits.append(next)
                position += 1
            }
            guard let number = Int(digits) else {
                throw InterchangeError(.malformed, "the shape is not a tuple of whole numbers")
            }
            if peek() == "L" { position += 1 }
            numbers.append(number)
            if !accept(",") {
                try expect(")")
                break
            }
        }
        return numbers
    }
}
