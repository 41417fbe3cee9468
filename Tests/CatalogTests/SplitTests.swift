import Catalog
import Testing

@Suite("How samples come to their splits")
struct SplitTests {
    private let automatic = SplitWish(.automatic, test: 0.2)

    private func findings(_ keys: [String], label: (String) -> String? = { _ in nil })
        -> [ScanFinding]
    {
        keys.enumerated().map { number, key in
            var finding = pair(key, Int64(number + 1))
            finding.label = label(key)
            finding.isOpen = true
            finding.split = "train"
            return finding
        }
    }

    private func splits(_ catalog: Catalog, _ id: Int64) async throws -> [String: String] {
        var splits: [String: String] = [:]
        var after: String?
        repeat {
            let page = try await catalog.samples(ofDataset: id, after: after, limit: 1_000)
            for sample in page.samples { splits[sample.key] = sample.split }
            after = page.next
        } while after != nil
        return splits
    }

    /// The splits of fresh samples, and the rule by which they were dealt.
    private func dealt(
        _ findings: [ScanFinding], test: Double = 0.2
    ) async throws -> (splits: [String: String], rule: SplitPlan.Rule?) {
        let catalog = try StateFolder().open()
        let id = try await catalog.addPairs().id
        _ = try await catalog.applyScan(
            ofDataset: id, findings: findings, split: SplitWish(.automatic, test: test))
        let result = (try await splits(catalog, id), try await catalog.dataset(id: id).split?.rule)
        try catalog.close()
        return result
    }

    @Test func testFramesBesideTrainingFramesAreFoundWhereALabelsFileDealsThem() async throws {
        func neighbours(_ side: (Int) -> String, count: Int = 60) async throws -> SplitNeighbours {
            let catalog = try StateFolder().open()
            let id = try await catalog.addPairs().id
            // Unpadded numbers: their order is not that of the text.
            var findings = findings((0..<count).map { "frame-\($0)" })
            for number in findings.indices {
                findings[number].split = side(number)
                findings[number].isOpen = false
            }
            _ = try await catalog.applyScan(
                ofDataset: id, findings: findings, split: SplitWish(.column, test: 0.2))
            let found = try await catalog.splitNeighbours(ofDataset: id) {
                ["train", "test"].contains($0)
            }
            try catalog.close()
            return found
        }
        let mixed = try await neighbours { $0 % 5 == 4 ? "test" : "train" }
        #expect(mixed.held == 12 && mixed.beside == 12 && mixed.isNotable)
        #expect(mixed.examples.count == 12)
        #expect(Set(mixed.examples.map(\.held)).count == 12)
        #expect(mixed.examples.allSatisfy { !$0.learned.isEmpty && $0.held != $0.learned })
        let blocks = try await neighbours { $0 < 48 ? "train" : "test" }
        #expect(blocks.held == 12 && blocks.beside == 1 && !blocks.isNotable)
        let turns = try await neighbours { ["train", "validation", "test", "validation"][$0 % 4] }
        #expect(turns.held == 45 && turns.beside == 44)
        let guarded = try await neighbours { $0 < 44 ? "train" : $0 < 48 ? "guard" : "test" }
        #expect(guarded.beside == 0)
        let many = try await neighbours({ $0 % 2 == 0 ? "test" : "train" }, count: 400)
        #expect(many.beside == 200 && many.examples.count == 16)
    }

    @Test func foldersThatAreCalledLikeSplitsPartNoRecording() async throws {
        let catalog = try StateFolder().open()
        let id = try await catalog.addPairs().id
        var findings = findings(
            (0..<40).map { $0 % 4 == 3 ? "test/\($0)" : "train/\($0)" })
        for number in findings.indices {
            findings[number].split = number % 4 == 3 ? "test" : "train"
            findings[number].isOpen = false
        }
        _ = try await catalog.applyScan(
            ofDataset: id, findings: findings, split: SplitWish(.named, test: 0.2))
        #expect(try await catalog.dataset(id: id).split?.rule == .named)
        let found = try await catalog.splitNeighbours(ofDataset: id) {
            ["train", "test"].contains($0)
        }
        #expect(found.held == 10 && found.beside == 10)
        try catalog.close()
    }

    @Test func framesAreDealtInBlocksWithAGuard() async throws {
        // Unpadded numbers: their order is not that of the text.
        for count in [4, 5, 10, 25, 99, 100, 240, 730, 2_000] {
            let keys = (0..<count).map { "frame-\($0)" }
            let (splits, rule) = try await dealt(findings(keys.shuffled()))
            #expect(rule == .blocks)
            let order = keys.map { splits[$0] ?? "?" }
            let tested = order.count { $0 == "test" }
            let difference = abs(Double(tested) - 0.2 * Double(count))
            #expect(difference <= 0.05 * Double(count) + 1, "\(count)")
            let unused = order.count { $0 == "guard" }
            #expect(unused <= max(2, count / 10), "\(count)")
            // Where guards can be had, no frame of the test stands beside one that is learned from.
            guard count >= 10 else { continue }
            for (one, next) in zip(order, order.dropFirst()) {
                let both: Set<String> = [one, next]
                #expect(both != ["train", "test"], "of \(count)")
            }
        }
    }

    @Test func everyClassFolderIsDealtByItself() async throws {
        let classes = ["bowl", "cap", "cup", "mug", "pan", "pot"]
        let keys = classes.flatMap { name in (0..<20).map { "\(name)/\($0)" } }
        let labelled = findings(keys) { key in String(key.split(separator: "/")[0]) }
        let (splits, rule) = try await dealt(labelled)
        #expect(rule == .blocks)
        for name in classes {
            let own = splits.filter { $0.key.hasPrefix("\(name)/") }
            #expect(own.values.count { $0 == "test" } == 4, "\(name)")
            #expect(own.values.count { $0 == "train" } >= 13, "\(name)")
        }
        // Names that say the class, in one folder.
        let flat = classes.flatMap { name in (0..<20).map { "\(name)_\($0)" } }
        let (others, _) = try await dealt(findings(flat))
        for name in classes {
            let own = others.filter { $0.key.hasPrefix("\(name)_") }
            #expect(own.values.count { $0 == "test" } == 4, "\(name)")
        }
    }

    @Test func fiveSceneFoldersStayWhole() async throws {
        let keys = (0..<10).flatMap { scene in (0..<12).map { "scene\(scene)/\($0)" } }
        let (splits, rule) = try await dealt(findings(keys))
        #expect(rule == .folders)
        var tested = 0
        for scene in 0..<10 {
            let own = Set(splits.filter { $0.key.hasPrefix("scene\(scene)/") }.values)
            #expect(own.count == 1)
            tested += own == ["test"] ? 1 : 0
        }
        #expect(tested == 2)
        let few = try await dealt(findings(keys.filter { $0 < "scene4" }))
        #expect(few.rule == .blocks)
        #expect(Set(try await dealt(findings(keys), test: 0).splits.values) == ["train"])
    }

    @Test func splitsStayOnceAJobHasUsedThem() async throws {
        let catalog = try StateFolder().open()
        let id = try await catalog.addPairs().id
        let keys = (0..<200).map { "f\($0)" }
        func scan(_ keys: [String]) async throws -> [String: String] {
            _ = try await catalog.applyScan(
                ofDataset: id, findings: findings(keys), split: automatic)
            return try await splits(catalog, id)
        }
        let first = try await scan(Array(keys[..<50]))
        // Nobody has used them: they follow the folder.
        let grown = try await scan(Array(keys[..<100]))
        #expect(grown.contains { first[$0.key] != nil && first[$0.key] != $0.value })
        try await catalog.fixSplit(ofDataset: id)
        let after = try await scan(keys)
        #expect(grown.allSatisfy { after[$0.key] == $0.value })
        #expect(keys[100...].contains { after[$0] == "test" })
        let order = keys.map { after[$0] ?? "?" }
        for (one, next) in zip(order, order.dropFirst()) {
            let both: Set<String> = [one, next]
            #expect(both != ["train", "test"])
        }
        try await catalog.releaseSplit(ofDataset: id)
        let anew = try await scan(keys)
        #expect(anew.contains { grown[$0.key] != nil && grown[$0.key] != $0.value })
        // Another share is a wish to deal anew.
        _ = try await catalog.applyScan(
            ofDataset: id, findings: findings(keys), split: SplitWish(.automatic, test: 0.5))
        #expect(try await splits(catalog, id).values.count { $0 == "test" } == 100)
        try catalog.close()
    }

    @Test func whatWasAddedBeforeKeepsItsSplits() async throws {
        let catalog = try StateFolder().open()
        let id = try await catalog.addPairs().id
        var before = findings((0..<100).map { "f\($0)" })
        for index in before.indices {
            before[index].isOpen = false
            before[index].split = index % 2 == 0 ? "test" : "train"
        }
        _ = try await catalog.applyScan(ofDataset: id, findings: before)
        let old = try await splits(catalog, id)
        _ = try await catalog.applyScan(
            ofDataset: id, findings: findings((0..<120).map { "f\($0)" }), split: automatic)
        let now = try await splits(catalog, id)
        #expect(old.allSatisfy { now[$0.key] == $0.value })
        #expect(!now.values.contains("guard"))
        let dataset = try await catalog.dataset(id: id)
        #expect(dataset.split?.rule == .keys)
        #expect(dataset.remarks.contains { $0.code == "split.neighbours" && !$0.hint.isEmpty })
        try await catalog.releaseSplit(ofDataset: id)
        _ = try await catalog.applyScan(
            ofDataset: id, findings: findings((0..<120).map { "f\($0)" }), split: automatic)
        #expect(try await splits(catalog, id).values.contains("guard"))
        #expect(
            try await !catalog.dataset(id: id).remarks.contains { $0.code == "split.neighbours" })
        try catalog.close()
    }

    @Test func identicalFilesAreInOneSplit() async throws {
        let catalog = try StateFolder().open()
        let id = try await catalog.addPairs().id
        let keys = (0..<100).map { "f\($0)" }
        _ = try await catalog.applyScan(ofDataset: id, findings: findings(keys), split: automatic)
        let dealt = try await splits(catalog, id)
        #expect(dealt["f0"] == "train" && dealt["f99"] == "test" && dealt["f98"] == "test")
        for file in try await catalog.uninspectedFiles(ofDataset: id) {
            let isCopy = ["f0.", "f99."].contains { file.path.contains($0) }
            _ = try await catalog.recordInspection(
                of: file,
                Inspection(
                    digest: isCopy ? "same \(file.modality)" : file.path, bytes: file.bytes,
                    width: 4, height: 3, channels: 1, bitDepth: 16))
        }
        for _ in 0..<2 {
            try await catalog.joinDuplicates(ofDataset: id)
            let joined = try await splits(catalog, id)
            #expect(joined["f0"] == "train" && joined["f99"] == "train")
            #expect(joined["f98"] == "test")
            #expect(try await catalog.dataset(id: id).split?.moved == 1)
        }
        // The next scan deals the same, and joins again what is the same.
        _ = try await catalog.applyScan(ofDataset: id, findings: findings(keys), split: automatic)
        #expect(try await splits(catalog, id)["f99"] == "train")
        #expect(try await catalog.dataset(id: id).split?.moved == 1)
        try catalog.close()
    }

    @Test func duplicatesThatALabelsFileDividesAreTold() async throws {
        let catalog = try StateFolder().open()
        let id = try await catalog.addPairs().id
        var given = findings((0..<20).map { "f\($0)" })
        for index in given.indices {
            given[index].isOpen = false
            given[index].split = index < 10 ? "train" : "test"
        }
        _ = try await catalog.applyScan(
            ofDataset: id, findings: given, split: SplitWish(.column, test: 0.2))
        for file in try await catalog.uninspectedFiles(ofDataset: id) {
            let isCopy = ["f0.", "f19."].contains { file.path.contains($0) }
            _ = try await catalog.recordInspection(
                of: file,
                Inspection(
                    digest: isCopy ? "same \(file.modality)" : file.path, bytes: file.bytes,
                    width: 4, height: 3, channels: 1, bitDepth: 16))
        }
        try await catalog.joinDuplicates(ofDataset: id)
        let dataset = try await catalog.dataset(id: id)
        #expect(dataset.split?.shared == 2)
        #expect(dataset.remarks.contains { $0.code == "split.duplicates" })
        #expect(try await splits(catalog, id)["f19"] == "test")
        try catalog.close()
    }

    @Test func aScanOfAFewNewFramesNeverPutsThemBesideTheOtherSide() async throws {
        let catalog = try StateFolder().open()
        let id = try await catalog.addPairs().id
        let keys = (0..<160).map { "f\($0)" }
        _ = try await catalog.applyScan(
            ofDataset: id, findings: findings(Array(keys[..<100])), split: automatic)
        try await catalog.fixSplit(ofDataset: id)
        for end in stride(from: 103, through: 160, by: 3) {
            _ = try await catalog.applyScan(
                ofDataset: id, findings: findings(Array(keys[..<end])), split: automatic)
        }
        let after = try await splits(catalog, id)
        let order = keys[..<159].map { after[$0] ?? "?" }
        for (one, next) in zip(order, order.dropFirst()) {
            let both: Set<String> = [one, next]
            #expect(both != ["train", "test"])
        }
        #expect(order.suffix(30).contains("train"))
        try catalog.close()
    }

    @Test func aKnownSceneStaysWhereItIsAndLargeOnesAreNoTest() async throws {
        let catalog = try StateFolder().open()
        let id = try await catalog.addPairs().id
        func scenes(_ frames: Int) -> [ScanFinding] {
            findings((0..<10).flatMap { scene in (0..<frames).map { "s\(scene)/\($0)" } })
        }
        _ = try await catalog.applyScan(ofDataset: id, findings: scenes(10), split: automatic)
        try await catalog.fixSplit(ofDataset: id)
        _ = try await catalog.applyScan(ofDataset: id, findings: scenes(60), split: automatic)
        let after = try await splits(catalog, id)
        for scene in 0..<10 {
            let own = Set(after.filter { $0.key.hasPrefix("s\(scene)/") }.values)
            #expect(own.count == 1)
        }
        try catalog.close()
        // One scene is nearly all there is: whichever comes first, the test is no more than its share.
        for large in 0..<5 {
            let keys = (0..<5).flatMap { scene in
                (0..<(scene == large ? 1_000 : 60)).map { "s\(scene)/\($0)" }
            }
            let tested = try await dealt(findings(keys)).splits.values.count { $0 == "test" }
            #expect((100...400).contains(tested), "\(tested)")
        }
        // Cameras of one scene are on one side.
        let cameras = (0..<6).flatMap { drive in
            (0..<2).flatMap { camera in (0..<10).map { "d\(drive)/c\(camera)/\($0)" } }
        }
        let (drives, rule) = try await dealt(findings(cameras))
        #expect(rule == .folders)
        for drive in 0..<6 {
            #expect(Set(drives.filter { $0.key.hasPrefix("d\(drive)/") }.values).count == 1)
        }
    }

    @Test func noLabelIsHeldOutAsAWholeAndFewPicturesAFolderStillGiveATest() async throws {
        let classes = ["n01", "n02", "n03", "n04", "n05", "n06"]
        let keys = classes.flatMap { name in (0..<20).map { "\(name)/\($0)" } }
        // Folder names that are not the labels' words.
        let (splits, rule) = try await dealt(findings(keys) { "class of \($0.prefix(3))" })
        #expect(rule == .blocks)
        for name in classes {
            #expect(splits.contains { $0.key.hasPrefix(name) && $0.value == "train" })
        }
        let crumbs = (0..<4).flatMap { folder in (0..<3).map { "f\(folder)/\($0)" } }
        #expect(try await dealt(findings(crumbs)).splits.values.contains("test"))
    }

    @Test func timesWithFractionsOfAnyLengthAreInOrder() async throws {
        // As Python writes them: without the zeros at the end.
        let keys = (0..<100).map { number in
            let text = String(1_305_031_102_000 + number * 33)
            var fraction = String(text.suffix(3))
            while fraction.hasSuffix("0"), fraction.count > 1 { fraction.removeLast() }
            return "\(text.dropLast(3)).\(fraction)"
        }
        let (splits, _) = try await dealt(findings(keys.shuffled()))
        let order = keys.map { splits[$0] ?? "?" }
        #expect(order.suffix(20).allSatisfy { $0 == "test" })
    }
}
