import Catalog
import Foundation
import Testing
import Watching

@Suite("Labels that do not meet") struct LabelsTests {
    private func problems(_ labels: Data, keys: [String]) async throws -> [CatalogProblem] {
        var found: [CatalogProblem] = []
        try await Bench.run { bench in
            for key in keys { try bench.pair("set", key) }
            try bench.manifest(
                "set", "[labels]\nfile = \"labels.csv\"\nlabel = \"label\"\nsplit = \"split\"\n")
            try labels.write(to: URL(fileURLWithPath: "\(bench.data)/set/labels.csv"))
            found = try await bench.service.add(path: "\(bench.data)/set").dataset.problems
        }
        return found
    }

    private func table(_ keys: [String], split: String = "test") -> Data {
        Data(
            ("key,label,split\n" + keys.map { "\($0),mug,\(split)" }.joined(separator: "\n") + "\n")
                .utf8)
    }

    @Test(arguments: [
        (["000001.jpg", "000002.jpg"], "extension"), (["1", "2"], "leading zeros"),
        (["x/000001", "x/000002"], "folders differ"), (["mug", "bowl"], "samples list"),
    ])
    func theReasonIsNamed(rows: [String], reason: String) async throws {
        let found = try await problems(table(rows), keys: ["000001", "000002", "000003"])
        let unmatched = try #require(found.first { $0.code == "labels.unmatched" })
        #expect(unmatched.message.contains("2 of 2 keys of labels.csv"))
        #expect(unmatched.message.contains("`\(rows.min() ?? "")`"))
        #expect(unmatched.hint.contains(reason), "\(unmatched)")
    }

    @Test func aSplitWithoutTestsIsSaid() async throws {
        let found = try await problems(table(["a", "b"], split: "train"), keys: ["a", "b"])
        #expect(found.map(\.code) == ["labels.no_test"])
        let tested = try await problems(table(["a", "b"]), keys: ["a", "b"])
        #expect(tested.map(\.code) == ["labels.no_train"] && tested[0].isRemark)
    }

    @Test func blanksInASplitAndLabelsThatDifferInCapitalsAreSaid() async throws {
        let text = "key,label,split\na,mug,train\nb,Mug,\nc,bowl,test\nd,bowl,guard\n"
        let found = try await problems(Data(text.utf8), keys: ["a", "b", "c", "d"])
        #expect(found.map(\.code) == ["labels.no_split", "labels.alike"])
        #expect(found[0].message.contains("1 samples") && found[0].message.contains("`b`"))
        #expect(found[1].message.contains("`Mug`, `mug`"))
    }

    @Test func otherEncodingsAreNamed() async throws {
        let mark = Data([0xEF, 0xBB, 0xBF])
        #expect(try await problems(mark + table(["a"]), keys: ["a"]).allSatisfy(\.isRemark))
        func refusal(_ bytes: [UInt8]) async throws -> WatchingError? {
            do {
                _ = try await problems(table(["a"]) + Data(bytes), keys: ["a"])
                return nil
            } catch {
                return error as? WatchingError
            }
        }
        let latin = try await refusal(Array("caf".utf8) + [0xE9] + Array(",mug,test\n".utf8))
        #expect(
            latin?.message.contains("line 3") == true && latin?.message.contains("8859-1") == true)
        let windows = try await refusal([0x93] + Array("b,mug,test\n".utf8))
        #expect(windows?.message.contains("1252") == true)
    }
}
