import Batching
import Foundation
import Modalities
import Synchronization
import Testing

@Suite struct ViewScheduleTests {
    private func digest(_ number: UInt64) -> ContentDigest {
        ContentDigest(words: (number &* 0x9E37_79B9_7F4A_7C15, 1, number, 3))
    }

    @Test func viewsLieWithinTheFrameAndVary() {
        let schedule = ViewSchedule(count: 4)
        var flips = 0
        var seen: Set<ViewGeometry> = []
        for sample in 0..<500 as Range<UInt64> {
            for view in 0..<4 as Range<UInt32> {
                let box = schedule.geometry(of: digest(sample), view: view)
                #expect(box.width >= 0.7 && box.width <= 1 && box.height == box.width)
                #expect(box.x >= 0 && box.x + box.width <= 1 + 1e-12)
                #expect(box.y >= 0 && box.y + box.height <= 1 + 1e-12)
                #expect(box == schedule.geometry(of: digest(sample), view: view))
                flips += box.flip ? 1 : 0
                seen.insert(box)
            }
        }
        #expect(seen.count == 2_000)
        #expect((900...1_100).contains(flips))
    }

    @Test func theWholeFrameIsItself() {
        let box = ViewSchedule(count: 1).geometry(of: digest(3), view: RecordKey.wholeFrame)
        #expect(box == .full)
    }

    @Test func theMirroredFrameIsTheWholeOneTurned() {
        let box = ViewSchedule(count: 1).geometry(of: digest(3), view: RecordKey.mirroredFrame)
        #expect(box == ViewGeometry(x: 0, y: 0, width: 1, height: 1, flip: true))
        #expect(
            RecordKey.isFrame(RecordKey.mirroredFrame) && RecordKey.isFrame(RecordKey.wholeFrame))
        #expect(!RecordKey.isFrame(7))
    }

    @Test func smallViewsAreNotEnlarged() {
        #expect(ViewSchedule(count: 1).decodedShortSide(for: 64) == 92)
    }
}

@Suite struct BatchScheduleTests {
    @Test func everyEpochIsAnotherPermutation() {
        let schedule = BatchSchedule(samples: 100, batch: 8, seed: 5)
        #expect(schedule.stepsPerEpoch == 12)
        let first = schedule.permutation(epoch: 0)
        let second = schedule.permutation(epoch: 1)
        #expect(first.sorted() == Array(0..<100))
        #expect(first != second)
        #expect(first == BatchSchedule(samples: 100, batch: 8, seed: 5).permutation(epoch: 0))
        #expect(first != BatchSchedule(samples: 100, batch: 8, seed: 6).permutation(epoch: 0))
    }

    @Test func fewSamplesFillOneBatch() {
        let schedule = BatchSchedule(samples: 3, batch: 8, seed: 1)
        #expect(schedule.stepsPerEpoch == 1)
        let order = schedule.permutation(epoch: 0)
        #expect(order.count >= 8)
        #expect(Set(order) == [0, 1, 2])
    }
}

@Suite struct PrefetcherTests {
    @Test(arguments: [1, 2, 5]) func itemsComeInOrder(threads: Int) throws {
        let prefetcher = Prefetcher(3..<200, depth: 7, threads: threads) { $0 * $0 }
        for index in 3..<200 { #expect(try prefetcher.next() == index * index) }
        #expect(try prefetcher.next() == nil)
        prefetcher.stop()
    }

    @Test func anErrorReachesTheConsumerAtItsPlace() throws {
        struct Broken: Error {}
        let prefetcher = Prefetcher(0..<10, depth: 3, threads: 2) { index in
            if index == 4 { throw Broken() }
            return index
        }
        for index in 0..<4 { #expect(try prefetcher.next() == index) }
        #expect(throws: Broken.self) { try prefetcher.next() }
        prefetcher.stop()
    }

    @Test func noMoreThanTheDepthIsMadeAhead() throws {
        let made = Mutex(0)
        let prefetcher = Prefetcher(0..<1_000, depth: 5, threads: 3) { index in
            made.withLock { $0 += 1 }
            return index
        }
        for _ in 0..<20 { _ = try prefetcher.next() }
        Thread.sleep(forTimeInterval: 0.05)
        #expect(made.withLock { $0 } <= 25)
        prefetcher.stop()
        #expect(try prefetcher.next() == nil)
    }
}

@Suite struct DecodeJournalTests {
    @Test func namesWhatIsBeingDecoded() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/decoding"
        let journal = try DecodeJournal(path: path)
        journal.decoding(42) {
            journal.decoding(43) {
                #expect(DecodeJournal.suspects(path: path).sorted() == [42, 43])
            }
            #expect(DecodeJournal.suspects(path: path) == [42])
        }
        #expect(DecodeJournal.suspects(path: path).isEmpty)
    }
}
