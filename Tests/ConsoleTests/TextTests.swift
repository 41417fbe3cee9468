import Console
import Testing

@Suite("Widths, tables and units")
struct TextTests {
    @Test(
        "Display width",
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("深度", 4), ("한글", 4), ("ｱ", 1),
            ("Ａ", 2),
            ("👍", 2), ("👩‍🔬", 2), ("✓", 1), ("❤️", 2), ("…", 1), ("\u{1B}[31mred\u{1B}[0m", 3),
            ("a\u{200B}b", 2), ("▁█━", 3),
        ])
    func width(text: String, expected: Int) {
        #expect(text.displayWidth == expected)
    }

    @Test("Truncation never exceeds its width and keeps closing escapes")
    func truncation() {
        #expect("kitchen".truncated(toWidth: 7) == "kitchen")
        #expect("kitchen".truncated(toWidth: 6) == "kitch…")
        #expect("kitchen".truncated(toWidth: 1) == "…")
        #expect("kitchen".truncated(toWidth: 0) == "")
        #expect("深度学习".truncated(toWidth: 4) == "深…")
        let red = Style.red.apply(to: "kitchen", colour: true)
        #expect(red.truncated(toWidth: 3) == "\u{1B}[31mki…\u{1B}[0m")
        for width in 0..<12 {
            #expect("深a度b学c习d".truncated(toWidth: width).displayWidth <= width)
        }
    }

    @Test("Padding counts cells, not characters")
    func padding() {
        #expect("深".padded(toWidth: 4) == "深  ")
        #expect("7".padded(toWidth: 3, alignment: .right) == "  7")
        #expect("long".padded(toWidth: 2) == "long")
    }

    @Test("Names from files cannot steer the terminal")
    func printable() {
        #expect("a\u{1B}[2Jb\nc\u{7}".printable == "a?[2Jb?c?")
        #expect("深度 ok".printable == "深度 ok")
    }

    @Test("A table aligns wide characters and numbers")
    func table() {
        var table = Table([.init("NAME"), .init("PAIRS", .right), .init("STATE")])
        table.add(["kitchen", "1200", "ready"])
        table.add(["深度", "7", nil])
        #expect(
            table.text() == """
                NAME     PAIRS  STATE
                kitchen   1200  ready
                深度         7  -

                """)
    }

    @Test("A narrow terminal shrinks the columns that may, then cuts lines")
    func narrowTable() {
        var table = Table([.init("ID"), .init("PATH", shrinks: true), .init("STATE")])
        table.add(["1", "/data/recordings/kitchen", "ready"])
        #expect(
            table.lines(width: 24) == [
                "ID  PATH           STATE", "1   /data/record…  ready",
            ])
        for width in 1..<40 {
            for line in table.lines(width: width, colour: true) {
                #expect(line.displayWidth <= width)
            }
        }
    }

    @Test("Only the header is set off, and only in colour")
    func tableColour() {
        var table = Table([.init("A")])
        table.add(["b"])
        #expect(table.lines(colour: true) == ["\u{1B}[1mA\u{1B}[0m", "b"])
        #expect(table.lines() == ["A", "b"])
    }

    @Test(
        "Bytes",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"),
            (1_048_575, "1.0 MiB"), (85_899_345_920, "80.0 GiB"),
        ])
    func bytes(count: Int, expected: String) {
        #expect(HumanUnits.bytes(count) == expected)
    }

    @Test(
        "Durations",
        arguments: [
            (0.0, "0.0 s"), (0.44, "0.4 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"),
            (185, "3 min 05 s"), (7620, "2 h 07 min"), (273_600, "3 d 04 h"),
            (Double.infinity, "-"), (-1, "-"),
        ])
    func durations(seconds: Double, expected: String) {
        #expect(HumanUnits.duration(seconds: seconds) == expected)
    }

    @Test(
        "Rates and counts",
        arguments: [
            (0.0, "0/s"), (0.5, "0.50/s"), (171, "171/s"), (12.34, "12.3/s"), (1916, "1.92k/s"),
            (999.7, "1.00k/s"), (31_000_000, "31.0M/s"),
        ])
    func rates(rate: Double, expected: String) {
        #expect(HumanUnits.rate(rate) == expected)
    }

    @Test("Percentages and decimals")
    func percent() {
        #expect(HumanUnits.percent(0.9471) == "94.7 %")
        #expect(HumanUnits.decimal(0.9125, places: 2) == "0.91")
        #expect(HumanUnits.percent(.nan) == "-")
        #expect(HumanUnits.rate(20, of: "samples") == "20 samples/s")
    }

    @Test("Sparklines")
    func sparkline() {
        #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7], width: 8) == "▁▂▃▄▅▆▇█")
        #expect(Sparkline.text([7, 7, 0, 0], width: 2) == "█▁")
        #expect(Sparkline.text([3, 3, 3], width: 8) == "▁▁▁")
        #expect(Sparkline.text([1, .nan, 2], width: 3) == "▁ █")
        #expect(Sparkline.text([.nan], width: 3) == " ")
        #expect(Sparkline.text([], width: 3) == "")
        #expect(Sparkline.text((0..<1000).map(Double.init), width: 20).count == 20)
    }
}
