import Batching
import Distillation
import Foundation
import Testing

@Suite struct SampleSelectionTests {
    private func sample(_ id: Int64, split: String = "train", label: String? = nil) -> Sample {
        let digest = ContentDigest(words: (UInt64(id), 1, 2, 3))
        let files = ["rgb", "depth"].map { ($0, Sample.File(path: "/\($0)/\(id)", digest: digest)) }
        return Sample(
            id: id, key: String(format: "%04d", id), split: split,
            files: Dictionary(uniqueKeysWithValues: files), label: label, attributes: [:])
    }

    @Test func labelsPerClassTakesTheFirst() throws {
        let list = (0..<100).map { sample($0, label: "c\($0 % 5)") }.shuffled()
        let selection = try SampleSelection(
            list, .init(split: "train", modalities: ["depth"], labelled: true, labelsPerClass: 3))
        #expect(selection.samples.map(\.id) == Array(0..<15))
        #expect(selection.classes == ["c0", "c1", "c2", "c3", "c4"])
    }

    @Test func classNumbersSortAsNumbers() throws {
        let list = (0..<12).map { sample($0, label: "\($0)") }
        let selection = try SampleSelection(list, .init(split: "all", modalities: ["rgb"]))
        #expect(selection.classes == (0..<12).map(String.init))
    }

    @Test(arguments: [2, 3, 50]) func shuffledPairsNeverKeepTheirPartner(count: Int) throws {
        let list = (0..<Int64(count)).map { sample($0) }
        let selection = try SampleSelection(
            list, .init(split: "train", modalities: ["rgb", "depth"], shufflesPairs: true, seed: 9))
        #expect(selection.partners.sorted() == Array(0..<count))
        for (index, partner) in selection.partners.enumerated() { #expect(index != partner) }
    }

    @Test func nothingLeftSaysWhatWasThere() throws {
        let list = (0..<4).map { sample($0, split: "test") }
        do {
            _ = try SampleSelection(list, .init(split: "train", modalities: ["depth"]))
            Issue.record("expected an error")
        } catch let error as DistillationError {
            #expect(error.code == "dataset.no_samples")
            #expect(error.message.contains("4 samples in all, 0 in the split"))
        }
    }
}

@Suite struct MetricsLogTests {
    @Test func stepsDoneAgainStandOnce() throws {
        let path = NSTemporaryDirectory() + "metrics-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            let log = try MetricsLog(path: path, resumingAt: 0)
            for step in 1...6 { try log.append(["total": Double(step)], step: step, epoch: 1) }
        }
        do {
            let log = try MetricsLog(path: path, resumingAt: 4)
            for step in 5...7 { try log.append(["total": -1], step: step, epoch: 1) }
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 7)
        #expect(lines[3].contains("\"total\":4") && lines[4].contains("\"total\":-1"))
    }
}
