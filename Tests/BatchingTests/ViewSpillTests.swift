import Batching
import Foundation
import Testing

@Suite struct ViewSpillTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func key(_ number: UInt64, view: UInt32) -> RecordKey {
        RecordKey(
            digest: ContentDigest(words: (number, ~number, number &* 3, number ^ 7)), view: view)
    }

    private func keep(_ spill: ViewSpill, _ number: UInt8, view: UInt32) -> Bool {
        let bytes = [UInt8](repeating: number, count: 100)
        return bytes.withUnsafeBytes { spill.keep(key(UInt64(number), view: view), $0) }
    }

    private func read(_ spill: ViewSpill, _ number: UInt8, view: UInt32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 100)
        let found = bytes.withUnsafeMutableBytes {
            spill.read(key(UInt64(number), view: view), into: $0)
        }
        return found ? bytes : nil
    }

    @Test func recordsWaitUntilTheirViewIsDropped() throws {
        let budget = CacheBudget(folder: folder.path, quota: 1 << 20)
        let spill = ViewSpill(
            folder: folder.path, recordBytes: 100, budget: budget, reserve: 0)
        for number in 1...20 as ClosedRange<UInt8> {
            for view in 1...3 as ClosedRange<UInt32> { #expect(keep(spill, number, view: view)) }
        }
        #expect(!keep(spill, 5, view: 2), "a record is kept once")
        #expect(spill.byteCount == 6_000 && budget.bytesUsed == 6_000)
        #expect(spill.holds(key(5, view: 2)) && !spill.holds(key(21, view: 2)))
        #expect(read(spill, 5, view: 2) == [UInt8](repeating: 5, count: 100))
        spill.drop(view: 2)
        #expect(read(spill, 5, view: 2) == nil)
        #expect(read(spill, 5, view: 3) == [UInt8](repeating: 5, count: 100))
        #expect(spill.byteCount == 4_000 && budget.bytesUsed == 4_000)
        #expect(keep(spill, 5, view: 2))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty,
            "its files have no name")
    }

    @Test func onlyWhatTheCachesDoNotNeedIsTaken() {
        let budget = CacheBudget(folder: folder.path, quota: 1_000)
        let spill = ViewSpill(
            folder: folder.path, recordBytes: 100, budget: budget, reserve: 650)
        var kept = 0
        for number in 1...9 as ClosedRange<UInt8> where keep(spill, number, view: 1) { kept += 1 }
        #expect(kept == 3)
        #expect(budget.admit(650))
        let none = ViewSpill(
            folder: folder.path, recordBytes: 100, budget: budget, reserve: 650)
        #expect(!keep(none, 1, view: 1))
    }

    @Test func itsBytesGoBackWithIt() {
        let budget = CacheBudget(folder: folder.path, quota: 1 << 20)
        do {
            let spill = ViewSpill(
                folder: folder.path, recordBytes: 100, budget: budget, reserve: 0)
            #expect(keep(spill, 1, view: 1))
            #expect(budget.bytesUsed == 100)
        }
        #expect(budget.bytesUsed == 0)
    }
}

@Suite struct ViewPrecisionTests {
    private func rounded(_ values: [Float], _ precision: ViewPrecision) -> [Float] {
        var record = [UInt8](repeating: 0, count: values.count * precision.bytesPerValue)
        var result = [Float](repeating: -1, count: values.count)
        values.withUnsafeBufferPointer { values in
            record.withUnsafeMutableBytes { precision.encode(values, into: $0) }
        }
        record.withUnsafeBytes { record in
            result.withUnsafeMutableBufferPointer { precision.decode(record, into: $0) }
        }
        return result
    }

    @Test func reflectanceIsRoundedToTheNearestPixelValue() {
        let steps = (0...255).map { Float($0) * (1 / 255) }
        #expect(rounded(steps, .bytes) == steps)
        let values = (0..<1_000).map { Float($0) / 999 }
        for (value, kept) in zip(values, rounded(values, .bytes)) {
            #expect(abs(value - kept) <= 0.5001 / 255)
        }
        #expect(rounded([-3, 7, .nan], .bytes) == [0, 1, 0])
    }

    @Test func metresStayWhatTheyAre() {
        let values: [Float] = [0, 0.001, 1.2345678, 65.535, 1e-30]
        #expect(rounded(values, .single) == values)
        #expect(ViewPrecision(unit: "metres") == .single)
        #expect(ViewPrecision(unit: "reflectance") == .bytes)
        #expect(ViewPrecision(unit: "kelvin") == .half)
    }

    @Test(arguments: ViewPrecision.allCases) func roundingTwiceIsRoundingOnce(
        _ precision: ViewPrecision
    ) {
        let once = rounded((0..<500).map { Float($0) * 0.002_13 }, precision)
        #expect(rounded(once, precision) == once)
    }
}
