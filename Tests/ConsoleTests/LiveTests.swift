import Console
import Testing

@Suite("Live output")
struct LiveTests {
    @Test("A bar with its percentage and details")
    func bar() {
        let bar = ProgressBar(title: "epoch 3/10", fraction: 0.5, details: ["ETA 45 s", "171/s"])
        #expect(
            bar.line(width: 60) == "epoch 3/10  ━━━━━━━━━━━━────────────   50 %  ETA 45 s  171/s")
    }

    @Test("A narrow terminal loses details, then the bar; nothing is wider than it")
    func narrow() {
        let bar = ProgressBar(title: "epoch 3/10", fraction: 0.5, details: ["ETA 45 s", "171/s"])
        #expect(bar.line(width: 40) == "epoch 3/10  ━━━━━──────   50 %  ETA 45 s")
        #expect(bar.line(width: 30) == "epoch 3/10  ━━━━━──────   50 %")
        #expect(bar.line(width: 20) == "epoch 3/10  50 %")
        #expect(bar.line(width: 8) == "epoch 3…")
        for width in 1..<120 {
            for colour in [true, false] {
                #expect(bar.line(width: width, colour: colour).displayWidth <= width)
            }
        }
    }

    @Test("Fractions outside 0 to 1 and unknown ends")
    func fractions() {
        #expect(ProgressBar(title: "", fraction: 2).line(width: 30).hasSuffix("100 %"))
        #expect(ProgressBar(title: "", fraction: -1).line(width: 30).hasSuffix("  0 %"))
        #expect(ProgressBar(title: "", fraction: .nan).line(width: 30).hasSuffix("  0 %"))
        #expect(ProgressBar(title: "", fraction: 0.9999).line(width: 30).hasSuffix(" 99 %"))
        #expect(ProgressBar(title: "scan", fraction: nil).line(width: 20) == "scan  ──────────────")
    }

    @Test("The estimate follows the rate and starts anew after a restart")
    func estimate() {
        var estimate = ProgressEstimate()
        #expect(estimate.rate == nil && estimate.remaining(total: 10) == nil)
        for second in 0...20 { estimate.update(done: Double(second * 5), time: Double(second)) }
        #expect(estimate.rate == 5)
        #expect(estimate.remaining(total: 200) == 20)
        #expect(estimate.remaining(total: 50) == 0)
        for second in 21...80 { estimate.update(done: 100, time: Double(second)) }
        #expect((estimate.rate ?? 9) < 0.1)
        estimate.update(done: 0, time: 81)
        #expect(estimate.rate == nil)
        #expect(ProgressBar.details(estimate, total: 10, unit: "samples").isEmpty)
    }

    @Test("A region goes up over its last frame and clears what is left")
    func region() {
        var region = LiveRegion()
        let size = TerminalSize(columns: 20, rows: 10)
        #expect(region.frame(["one", "two"], size: size) == "\rone\u{1B}[K\ntwo\u{1B}[K\n\u{1B}[J")
        #expect(region.frame(["three"], size: size) == "\r\u{1B}[2Athree\u{1B}[K\n\u{1B}[J")
        #expect(
            region.permanent(["done"], size: size) == "\r\u{1B}[1A\u{1B}[Jdone\n")
        #expect(region.frame(["x"], size: size) == "\rx\u{1B}[K\n\u{1B}[J")
    }

    @Test("A region keeps to a small terminal")
    func smallRegion() {
        var region = LiveRegion()
        let size = TerminalSize(columns: 5, rows: 3)
        let frame = region.frame(["first", "second line", "third line"], size: size)
        #expect(frame == "\rsec…\u{1B}[K\nthi…\u{1B}[K\n\u{1B}[J")
        #expect(region.frame([], size: size) == "\r\u{1B}[2A\u{1B}[J")
    }

    @Test("Colour and redrawing only where the terminal has them")
    func capabilities() {
        func capabilities(_ terminal: Bool, _ environment: [String: String]) -> [Bool] {
            let found = TerminalCapabilities(isTerminal: terminal, environment: environment)
            return [found.isInteractive, found.colour]
        }
        #expect(capabilities(true, ["TERM": "xterm"]) == [true, true])
        #expect(capabilities(true, ["TERM": "xterm", "NO_COLOR": "1"]) == [true, false])
        #expect(capabilities(true, ["TERM": "xterm", "NO_COLOR": ""]) == [true, true])
        #expect(capabilities(true, ["TERM": "dumb"]) == [false, false])
        #expect(capabilities(false, ["TERM": "xterm"]) == [false, false])
    }

    @Test("States have their colours, and text without colour has no escapes")
    func styles() {
        #expect(Style.state("failed") == .red)
        #expect(Style.state("unheard-of") == nil)
        for style in Style.allCases {
            #expect(style.apply(to: "x", colour: false) == "x")
            #expect(style.apply(to: "", colour: true) == "")
        }
    }
}
