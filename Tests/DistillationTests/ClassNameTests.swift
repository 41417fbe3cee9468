import Distillation
import Testing

@Suite("Names of classes") struct ClassNameTests {
    @Test(arguments: [
        "a\nb\nc\n", "a\r\nb\r\nc\r\n", "\u{FEFF}a\nb\nc", "a\nb\nc\n\n\n",
        "0 a\n1 b\n2 c", "0,a\n1,b\n2,c", "2: c\n0: a\n1: b", "1 a\n2 b\n3 c", "a 0\nb 1\nc 2",
        "index,name\n0,a\n1,b\n2,c",
        #"["a", "b", "c"]"#, #"{"0": "a", "2": "c", "1": "b"}"#,
        #"{"0": ["n01", "a"], "1": ["n02", "b"], "2": ["n03", "c"]}"#,
        #"{"a": 0, "b": 1, "c": 2}"#, #"{"names": ["a", "b", "c"]}"#,
        #"{"id2label": {"0": "a", "1": "b", "2": "c"}, "x": 1, "y": 2, "z": 3, "w": 4}"#,
        "path: ../x\nnames:\n  0: a\n  1: b\n  2: c\nnc: 3", "names:\n- a\n- b\n- 'c'",
        "names: [a, \"b\", 'c']", "- a\n- b\n- c",
    ])
    func comeInManyForms(_ text: String) throws {
        #expect(try ClassNames.parse(text) == ["a", "b", "c"])
    }

    @Test func namesMayHoldNumbersAndSigns() throws {
        #expect(
            try ClassNames.parse("2 wheeler\n3 wheeler\ncar") == ["2 wheeler", "3 wheeler", "car"])
        let grades = (0..<10).map { "Grade \($0)" }
        #expect(try ClassNames.parse(grades.joined(separator: "\n")) == grades)
        let coins = (1...10).map { "\($0) euro" }
        #expect(try ClassNames.parse(coins.joined(separator: "\n")) == coins)
        #expect(try ClassNames.parse("names: {0: a, 2: c, 1: 'b'}") == ["a", "b", "c"])
        #expect(try ClassNames.parse("# my classes\na\nb") == ["a", "b"])
        #expect(try ClassNames.parse("names:\n  0: a # first\n  1: b") == ["a", "b"])
        #expect(
            try ClassNames.parse("tench, Tinca tinca\ngoldfish, Carassius")
                == ["tench, Tinca tinca", "goldfish, Carassius"])
        #expect(
            try ClassNames.parse("0 great white shark\n1 hammerhead, a shark")
                == ["great white shark", "hammerhead, a shark"])
    }

    @Test func namesThatComeTwiceAreNumberedApart() throws {
        #expect(
            try ClassNames.parse("crane\ntench\ncrane\ncrane")
                == ["crane", "tench", "crane (2)", "crane (3)"])
        #expect(
            try ClassNames.parse("crane\ncrane (2)\ncrane") == ["crane", "crane (2)", "crane (3)"])
    }

    @Test(arguments: [
        ("a\n\nc", "blank"), ("a", "names 1 classes"), ("", "names 0 classes"),
        ("{0: 'a', 1: 'b'}", "Python"), ("['a', 'b']", "Python"), (#"["a", "b""#, "none"),
        (#"{"0": "a", "2": "c"}"#, "0 to 2"), (#"{"x": "a", "y": "b"}"#, "no index"),
        (#"{"a": 0, "b": 0}"#, "index 0"), (#"[[1, 2], [3, 4]]"#, "no name"),
        (#"["a\nb", "c"]"#, "control character"), (#"{"0": "a", "00": "b"}"#, "index 0"),
        ("names:\nnc: 3", "no names"), ("names:\n  0: a\n  2: b", "0 to 2"),
    ])
    func whatIsNoListIsRefused(_ text: String, _ words: String) {
        let error = #expect(throws: DistillationError.self) { try ClassNames.parse(text) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.hint?.isEmpty == false)
    }
}
