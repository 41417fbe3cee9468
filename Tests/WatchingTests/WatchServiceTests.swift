import Catalog
import Foundation
import Testing
import Watching

@Suite(.timeLimit(.minutes(5))) struct WatchServiceTests {
    @Test func addingAFolderFindsItsPairs() async throws {
        try await Bench.run { bench in
            for number in 0..<20 { try bench.pair("set", "f\(number)") }
            try bench.write("set/rgb/lone.jpg")
            for name in [".hidden.jpg", "x.jpg.tmp", "y.part"] {
                try bench.write("set/rgb/\(name)")
            }
            let added = try await bench.service.add(path: "\(bench.data)/set")
            #expect(added.dataset.name == "set" && added.dataset.layout == "stem")
            #expect(added.dataset.problems.map(\.code) == ["depth.scale_assumed"])
            #expect(added.summary.counts.states == ["paired": 20, "rgb_only": 1])
            #expect(added.summary.pending == 0)
            // The manifest lies in the catalog; the folder is as it was.
            #expect(!added.dataset.manifest.contains("scale"))
            #expect(!FileManager.default.fileExists(atPath: "\(bench.data)/set/dataset.toml"))
            let files = try await bench.catalog.uninspectedFiles(ofDataset: added.dataset.id)
            #expect(files.count == 41)
            // Asking again is no mistake; another name for the same folder is.
            #expect(
                try await bench.service.add(path: "\(bench.data)/set").dataset.id
                    == added.dataset.id)
            await #expect(throws: CatalogError.self) {
                try await bench.service.add(path: "\(bench.data)/set", name: "other")
            }
        }
    }

    @Test func suffixPairsLieInOneFolder() async throws {
        try await Bench.run { bench in
            for number in 0..<5 {
                try bench.write("set/frame-\(number).color.jpg")
                try bench.write("set/frame-\(number).depth.png")
            }
            try bench.write("set/camera.txt")
            let added = try await bench.service.add(path: "\(bench.data)/set", name: "kitchen")
            #expect(added.dataset.layout == "suffix")
            #expect(try await bench.states("kitchen").keys.sorted().first == "frame-0")
            #expect(added.summary.counts.paired == 5)
        }
    }

    @Test func linksCountAsWhatTheyLeadTo() async throws {
        try await Bench.run { bench in
            let files = FileManager.default
            // Files elsewhere, a folder of each modality behind a link, a scene behind another, and a way back up.
            for number in 0..<3 { try bench.pair("store", "f\(number)") }
            try bench.pair("scene", "s")
            for place in ["rgb", "depth"] {
                try files.createDirectory(
                    atPath: "\(bench.data)/elsewhere/\(place)", withIntermediateDirectories: true)
                try files.createSymbolicLink(
                    atPath: "\(bench.data)/elsewhere/\(place)/kitchen",
                    withDestinationPath: "\(bench.data)/scene/\(place)")
                try files.createSymbolicLink(
                    atPath: "\(bench.data)/elsewhere/\(place)/up", withDestinationPath: "..")
                for number in 0..<3 {
                    let name = "f\(number).\(place == "rgb" ? "jpg" : "png")"
                    try files.createSymbolicLink(
                        atPath: "\(bench.data)/elsewhere/\(place)/\(name)",
                        withDestinationPath: "../../store/\(place)/\(name)")
                }
            }
            try files.createDirectory(
                atPath: "\(bench.data)/set", withIntermediateDirectories: true)
            for place in ["rgb", "depth"] {
                try files.createSymbolicLink(
                    atPath: "\(bench.data)/set/\(place)",
                    withDestinationPath: "\(bench.data)/elsewhere/\(place)")
            }
            let added = try await bench.service.add(path: "\(bench.data)/set")
            let states = try await bench.states("set")
            for key in ["f0", "f1", "f2", "kitchen/s"] { #expect(states[key] == "paired") }
            #expect(added.dataset.layout == "stem" && states.count == 4, "\(states)")
            // Sizes are those of the files and not of the links.
            let found = try await bench.catalog.uninspectedFiles(ofDataset: added.dataset.id)
            #expect(found.allSatisfy { $0.bytes == Int64("content".utf8.count) })
        }
    }

    @Test func changesAreSeenWhileRunning() async throws {
        try await Bench.run { bench in
            try bench.pair("set", "a")
            _ = try await bench.service.add(path: "\(bench.data)/set")
            try bench.pair("set", "b")
            try await bench.eventually("b becomes a pair") {
                try await bench.states("set") == ["a": "paired", "b": "paired"]
            }
            try bench.remove("set/depth/a.png")
            try await bench.eventually("a loses its depth") {
                try await bench.states("set") == ["a": "rgb_only", "b": "paired"]
            }
            try bench.move("set/rgb/b.jpg", "set/rgb/c.jpg")
            try bench.move("set/depth/b.png", "set/depth/c.png")
            try await bench.eventually("b is c now") {
                try await bench.states("set") == ["a": "rgb_only", "c": "paired"]
            }
            // A new folder is watched before it is listed.
            try bench.pair("set", "night/d")
            try await bench.eventually("a nested pair") {
                try await bench.states("set")["night/d"] == "paired"
            }
            try bench.move("set/rgb/night", "set/rgb/day")
            try bench.move("set/depth/night", "set/depth/day")
            try bench.pair("set", "day/e")
            try await bench.eventually("moved folders are still watched") {
                let states = try await bench.states("set")
                return states["day/d"] == "paired" && states["day/e"] == "paired"
                    && states["night/d"] == nil
            }
        }
    }

    @Test func rescanSeesWhatWasJustCopied() async throws {
        try await Bench.run { bench in
            try bench.pair("set", "a")
            _ = try await bench.service.add(path: "\(bench.data)/set")
            for round in 0..<5 {
                for number in 0..<10 { try bench.pair("set", "r\(round)-\(number)") }
                _ = try await bench.service.rescan("set")
                #expect(try await bench.states("set").count == 1 + 10 * (round + 1))
            }
        }
    }

    @Test func halfWrittenFilesWait() async throws {
        // A settle time longer than the test: what was written just now never counts.
        func neverSettles(_ settings: inout WatchSettings) {
            settings.settle = 600_000
            settings.patience = .zero
        }
        try await Bench.run(change: neverSettles) { bench in
            try bench.pair("set", "a")
            let added = try await bench.service.add(path: "\(bench.data)/set")
            #expect(added.summary.pending == 1 && added.summary.counts.samples == 0)
        }
    }

    @Test func rewrittenFilesAreInspectedAgain() async throws {
        try await Bench.run { bench in
            try bench.pair("set", "a")
            let id = try await bench.service.add(path: "\(bench.data)/set").dataset.id
            for file in try await bench.catalog.uninspectedFiles(ofDataset: id) {
                try await bench.catalog.recordInspection(
                    of: file,
                    Inspection(
                        digest: "d", bytes: file.bytes, width: 1, height: 1, channels: 1,
                        bitDepth: 8))
            }
            #expect(try await bench.catalog.frozenSamples(ofDataset: id).count == 1)
            try bench.write("set/rgb/a.jpg", "longer content")
            _ = try await bench.service.rescan("set")
            let files = try await bench.catalog.uninspectedFiles(ofDataset: id)
            #expect(files.map(\.path) == ["rgb/a.jpg"])
        }
    }

    @Test func foldersWithManifestsAreDiscovered() async throws {
        try await Bench.run(discovers: true) { bench in
            try bench.pair("one", "a")
            try bench.manifest("one")
            try await bench.eventually("one is found") {
                (try? await bench.states("one")) == ["a": "paired"]
            }
            // It comes while the service runs, deeper down, and before its files.
            try bench.manifest("deep/er/two", "[split]\ntest = 0.5\n")
            try bench.pair("deep/er/two", "b")
            try await bench.eventually("two is found") {
                (try? await bench.states("two")) == ["b": "paired"]
            }
            // Removed by hand it stays away, until it is added by hand.
            try await bench.service.remove("two")
            try bench.pair("deep/er/two", "c")
            try bench.manifest("three")
            try bench.pair("three", "d")
            try await bench.eventually("three is found") {
                (try? await bench.states("three")) == ["d": "paired"]
            }
            #expect(try await bench.catalog.datasets().map(\.name) == ["one", "three"])
            let again = try await bench.service.add(path: "\(bench.data)/deep/er/two")
            #expect(again.summary.counts.paired == 2)
            #expect(again.dataset.problems.isEmpty)
        }
    }

    @Test func brokenManifestsAreNamed() async throws {
        try await Bench.run(discovers: true) { bench in
            try bench.write("bad/dataset.toml", "layuot = \"stem\"\n")
            try await bench.eventually("the mistake is named") {
                await bench.service.problems.first?.hint == "did you mean `layout`?"
            }
            let error = await #expect(throws: WatchingError.self) {
                try await bench.service.add(path: "\(bench.data)/bad")
            }
            #expect(error?.code == .manifestInvalid)
            try bench.manifest("bad")
            try await bench.eventually("mended it is found") {
                (try? await bench.catalog.dataset("bad")) != nil
            }
            // A mistake made later leaves the manifest in force that was good.
            try bench.pair("bad", "a")
            try bench.write("bad/dataset.toml", "layout = \"stem\"\n[rgb]\nscale == 1\n")
            try await bench.eventually("the problem shows and the pair counts") {
                let problem = try await bench.catalog.dataset("bad").problems.first
                let states = try await bench.states("bad")
                return problem?.code == "manifest.invalid" && states == ["a": "paired"]
            }
        }
    }

    @Test func aMissingFolderIsOfflineNeverEmpty() async throws {
        try await Bench.run(discovers: true) { bench in
            for number in 0..<5 { try bench.pair("set", "f\(number)") }
            try bench.manifest("set")
            try await bench.eventually("found") { (try? await bench.states("set"))?.count == 5 }
            try bench.move("set", "../elsewhere")
            try await bench.eventually("offline") {
                try await bench.catalog.dataset("set").state == .offline
            }
            #expect(try await bench.states("set").count == 5)
            let error = await #expect(throws: WatchingError.self) {
                try await bench.service.rescan("set")
            }
            #expect(error?.code == .rootMissing)
            try bench.move("../elsewhere", "set")
            try await bench.eventually("online again") {
                try await bench.catalog.dataset("set").state == .online
            }
            // A modality's folder that goes away may be a mount as well.
            try bench.move("set/depth", "set/.away")
            try await bench.eventually("noted") {
                try await bench.catalog.dataset("set").problems.first?.code == "folder.missing"
            }
            #expect(try await bench.states("set").values.allSatisfy { $0 == "paired" })
            // Without its manifest a discovered set is offline too.
            try bench.move("set/.away", "set/depth")
            try bench.remove("set/dataset.toml")
            try await bench.eventually("offline without a manifest") {
                try await bench.catalog.dataset("set").state == .offline
            }
            #expect(try await bench.states("set").count == 5)
        }
    }

    @Test func labelsAndSplitsFollowTheirFile() async throws {
        let labels = "[labels]\nfile = \"labels.csv\"\nlabel = \"view\"\nsplit = \"split\"\n"
        try await Bench.run { bench in
            for key in ["a", "b"] { try bench.pair("set", key) }
            try bench.manifest("set", labels)
            let missing = await #expect(throws: WatchingError.self) {
                try await bench.service.add(path: "\(bench.data)/set")
            }
            #expect(missing?.code == .labelsInvalid)
            try bench.write("set/labels.csv", "key,view,split\na,1,train\nb,2,test\n")
            #expect(try await bench.catalog.datasets().isEmpty)
            let id = try await bench.service.add(path: "\(bench.data)/set").dataset.id
            func described() async throws -> [String] {
                try await bench.catalog.samples(ofDataset: id).samples.map {
                    "\($0.key) \($0.label ?? "-") \($0.split)"
                }
            }
            #expect(try await described() == ["a 1 train", "b 2 test"])
            try bench.write("set/labels.csv", "key,view,split\na,3,val\n")
            try await bench.eventually("labels follow") {
                try await described() == ["a 3 validation", "b - train"]
            }
            // A broken file takes nothing away.
            try bench.write("set/labels.csv", "key,view,split\na,3\n")
            try await bench.eventually("named") {
                try await bench.catalog.dataset("set").problems.first?.message.contains("line 2")
                    == true
            }
            #expect(try await described() == ["a 3 validation", "b - train"])
        }
    }

    @Test func withoutWatchesFoldersArePolled() async throws {
        func allowsOneWatch(_ settings: inout WatchSettings) { settings.maximumWatches = 1 }
        try await Bench.run(change: allowsOneWatch) { bench in
            try bench.pair("set", "a")
            _ = try await bench.service.add(path: "\(bench.data)/set")
            let problems = try await bench.catalog.dataset("set").problems
            let problem = problems.first { $0.code == "watch.limit" }
            #expect(problem?.hint.contains("sysctl -w fs.inotify.max_user_watches=") == true)
            try bench.pair("set", "b")
            try await bench.eventually("polling finds b") {
                try await bench.states("set")["b"] == "paired"
            }
        }
    }

    @Test func ambiguousAndOddNamesAreNoted() async throws {
        try await Bench.run { bench in
            try bench.pair("set", "a")
            try bench.write(
                "set/dataset.toml", Bench.stem.replacingOccurrences(of: "*.jpg", with: "*"))
            try bench.write("set/rgb/a.png")
            let added = try await bench.service.add(path: "\(bench.data)/set")
            let problems = try await bench.catalog.dataset("set").problems
            #expect(problems.map(\.code) == ["sample.ambiguous"])
            #expect(problems.first?.message.contains("rgb/a.png and rgb/a.jpg") == true)
            #expect(added.summary.counts.states == ["paired": 1])
        }
    }

    @Test func foldersThatCannotBeDataSets() async throws {
        try await Bench.run { bench in
            try bench.write("file")
            try bench.write("plain/readme.txt")
            func code(_ path: String, _ layout: String = "auto") async -> WatchingError.Code? {
                await #expect(throws: WatchingError.self) {
                    try await bench.service.add(path: path, layout: layout)
                }?.code
            }
            #expect(await code("\(bench.data)/missing") == .rootMissing)
            #expect(await code("relative") == .rootMissing)
            #expect(await code("\(bench.data)/file") == .rootNotAFolder)
            #expect(await code("\(bench.data)/plain") == .layoutMismatch)
            #expect(await code("\(bench.data)/plain", "tumm") == .layoutUnknown)
            #expect(try await bench.catalog.datasets().isEmpty)
        }
    }

    @Test func aRestartFindsWhatChangedMeanwhile() async throws {
        try await Bench.run { bench in
            try bench.pair("set", "a")
            try bench.pair("set", "b")
            _ = try await bench.service.add(path: "\(bench.data)/set")
            await bench.service.stop()
            try bench.remove("set/rgb/a.jpg")
            try bench.pair("set", "c")
            var settings = WatchSettings(roots: [])
            settings.settle = 60
            settings.tick = 20
            let next = try WatchService(
                catalog: bench.catalog, settings: settings, logger: Bench.silent,
                onChange: { _, _ in })
            try await next.start()
            try await bench.eventually("the catalog is right again") {
                try await bench.states("set")
                    == ["a": "depth_only", "b": "paired", "c": "paired"]
            }
            await next.stop()
        }
    }
}
