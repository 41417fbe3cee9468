import ControlProtocol
import Foundation
import Testing

@Suite("Requests")
struct RequestTests {
    @Test("names are escaped in paths and queries")
    func escaping() {
        #expect(ShowModel("a/b ?ü").target == "/v1/models/a%2Fb%20%3F%C3%BC")
        #expect(
            ListSamples(dataset: "k&c", state: "paired", after: "x=1", limit: 5).target
                == "/v1/samples?dataset=k%26c&state=paired&after=x%3D1&limit=5")
        #expect(ListJobs().target == "/v1/jobs")
    }

    @Test("what is absent is left out")
    func absent() {
        #expect(ReadEvents(follow: false).target == "/v1/events?follow=0")
        #expect(
            ReadEvents(after: 7, types: ["job", "model.added"], follow: true).target
                == "/v1/events?after=7&types=job%2Cmodel.added&follow=1")
        #expect(ReadJobLog("j1").target == "/v1/jobs/j1/log")
    }

    @Test("class names lead the body of an upload")
    func upload() throws {
        let request = ImportModel(originalName: "r.onnx", name: "r", classes: "cät\ndog\n")
        #expect(request.target == "/v1/models?file=r.onnx&name=r")
        #expect(request.headers == [ControlParameter("Distill-Classes-Bytes", "9")])
        #expect(try request.body()?.count == 9)
    }

    @Test("job names", arguments: [("j12", 12), ("12", 12), ("j0", 0)] as [(String, Int64)])
    func jobNames(text: String, number: Int64) {
        #expect(JobName.number(text) == number)
    }

    @Test("what is no job name", arguments: ["", "j", "x1", "j-1", "j1x", "j99999999999999999999"])
    func noJobNames(text: String) {
        #expect(JobName.number(text) == nil)
    }

    @Test("times keep their milliseconds")
    func timestamps() throws {
        let time = Timestamp(milliseconds: 1_772_366_400_250)
        #expect(time.description == "2026-03-01T12:00:00.250Z")
        #expect(Timestamp(time.description) == time)
        #expect(Timestamp("2026-03-01T12:00:00Z") == Timestamp(milliseconds: 1_772_366_400_000))
        #expect(Timestamp("yesterday") == nil)
        #expect(
            try ControlJSON.decode([Timestamp].self, from: ControlJSON.encode([time])) == [time])
    }

    @Test("any JSON value survives a round trip")
    func jsonValues() throws {
        let value = JSONValue.object([
            "a": .array([.null, .bool(true), .integer(-3), .number(0.5), .string("x\n\"")]),
            "b": .object(["c": .integer(.max)]),
        ])
        #expect(try ControlJSON.decode(JSONValue.self, from: ControlJSON.encode(value)) == value)
        #expect(try ControlJSON.encode(JSONValue.number(.nan)) == Data("null".utf8))
    }
}
