import ControlClient
import ControlProtocol
import Daemon
import Foundation
import Testing

@Suite("Events", .serialized, .timeLimit(.minutes(2)))
struct EventTests {
    @Test("a follower sees a job from its beginning to its end, in order")
    func follow() async throws {
        try await withDaemon { daemon in
            let follower = Task {
                var events: [ControlEvent] = []
                for try await event in daemon.client.events(types: ["job"]) {
                    events.append(event)
                    if event.type == "job.state", event.data["state"]?.string == "succeeded" {
                        break
                    }
                }
                return events
            }
            try await daemon.addDataset("k")
            _ = try await daemon.enqueue()
            let events = try await follower.value
            let states = events.filter { $0.type == "job.state" }.map { $0.data["state"]?.string }
            #expect(states == ["queued", "running", "succeeded"])
            #expect(events.contains { $0.type == "job.phase" })
            #expect(events.contains { $0.type == "job.progress" })
            #expect(events.allSatisfy { $0.type.hasPrefix("job.") && $0.subject == "j1" })
            let stored = events.filter(\.isStored).map(\.sequence)
            #expect(stored == stored.sorted())
            #expect(Set(stored).count == stored.count)

            // Behind the last one there is nothing; from the middle the rest comes again.
            let last = try #require(stored.last)
            var rest: [ControlEvent] = []
            for try await event in daemon.client.events(after: stored[0], follow: false) {
                rest.append(event)
            }
            #expect(rest.last?.sequence ?? 0 >= last)
            #expect(rest.allSatisfy { $0.sequence > stored[0] && $0.isStored })
        }
    }

    @Test("a stream goes on over a restart of the daemon and misses nothing")
    func reconnect() async throws {
        let first = try await TestDaemon()
        try await first.addDataset("k")
        let seen = Locked<[Int64]>([])
        let client = first.client
        let follower = Task {
            for try await event in client.events(after: 0) where event.isStored {
                seen.change { $0.append(event.sequence) }
                if event.type == "model.added" { return }
            }
        }
        try await eventually("the first event came") { !seen.value.isEmpty }
        try await first.stop()
        let second = try await TestDaemon(folder: first.folder)
        _ = try await second.enqueue()
        try await follower.value
        let numbers = seen.value
        #expect(numbers == Array(1...Int64(numbers.count)))
        try await second.finish()
    }

    @Test("heartbeats come while nothing happens")
    func heartbeat() async throws {
        try await withDaemon(.limit(\.heartbeat, .milliseconds(100))) { daemon in
            let connection = try #require(RawConnection(daemon.socket))
            connection.send("GET /v1/events?follow=1&types=none HTTP/1.1\r\nHost: d\r\n\r\n")
            var text = ""
            try await eventually("a heartbeat came") {
                text += await connection.readSome()
                return text.contains(#""type":"heartbeat""#)
            }
        }
    }

    @Test("a reader that does not read is cut off, one that reads is not")
    func slowReader() async {
        let queue = FollowerQueue(limit: 100, types: ["job"])
        #expect(queue.wants("job.state"))
        #expect(queue.wants("job"))
        #expect(!queue.wants("jobs.state"))
        let line = EventLine(sequence: 1, bytes: Data(repeating: 1, count: 40))
        queue.put(line)
        queue.put(line)
        #expect(await queue.take()?.count == 2)
        for _ in 0..<3 { queue.put(line) }
        #expect(queue.isCutOff)
        #expect(await queue.take() == nil)
    }
}
