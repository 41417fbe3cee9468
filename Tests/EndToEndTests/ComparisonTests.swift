import ControlClient
import ControlProtocol
import Foundation
import Testing

extension EndToEndTests {
    @Suite struct ComparisonTests {
        /// A student's recipe on the data set `shapes`.
        private func recipe(
            _ service: Service, _ name: String, seed: Int, epochs: Int = 2, training: String = ""
        ) throws -> String {
            let path = "\(service.folder)/\(name).toml"
            let text = """
                name = "\(name)"
                kind = "distill"
                [dataset]
                name = "shapes"
                [teacher]
                model = "teacher"
                [student]
                modality = "depth"
                size = 32
                [training]
                epochs = \(epochs)
                batch = 16
                views = 1
                seed = \(seed)
                \(training)
                [[objective]]
                knowledge = "feature"
                method = "centred-cosine"
                [[objective]]
                knowledge = "response"
                method = "kullback-leibler"
                """
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }

        private func enqueue(_ service: Service, _ recipe: String) async throws -> JobSummary {
            let job = try await service.json(JobReply.self, "enqueue", recipe, "--wait").job
            #expect(job.state == .succeeded, "\(String(describing: job.error))")
            return job
        }

        @Test func modelsAreMeasuredAndSetAgainstEachOther() async throws {
            try await Service.with { service, _ in
                try await service.synthesize()
                _ = try await enqueue(service, try service.recipe("teacher"))
                for seed in [1, 2] {
                    _ = try await enqueue(
                        service, try recipe(service, "student-\(seed)", seed: seed))
                }
                _ = try await enqueue(
                    service,
                    try service.recipe("oracle", modality: "depth", epochs: 6))
                try await evaluate(service)
                try await compare(service)
                try await refuse(service)
            }
        }

        private func evaluate(_ service: Service) async throws {
            let student = try await service.json(
                EvaluationReply.self, "evaluate", "student-1", "--dataset", "shapes")
            #expect(student.leftOut.isEmpty, "\(student.leftOut)")
            let manual = try String(
                contentsOfFile: "\(Program.package)/Packaging/man/distillctl.1", encoding: .utf8)
            for (name, value) in student.metrics where !name.hasPrefix("accuracy.") {
                #expect(value.isFinite)
                #expect(manual.contains("\\fB\(name)\\fR"), "\(name) stands in no manual")
            }
            for name in [
                "accuracy", "agreement", "retrieval_at_1", "flip_consistency", "linear_probe",
                "ridge_probe", "nearest_neighbours",
            ] {
                let value = try #require(student.metrics[name], "\(name)")
                let interval = try #require(student.intervals[name], "\(name)")
                #expect(interval.low <= value && value <= interval.high, "\(name)")
            }
            #expect(student.metrics["retrieval_chance_at_1"] == 0.1)
            #expect(student.report["probe_samples"]?.number == 50)

            let quick = try await service.json(
                EvaluationReply.self, "evaluate", "teacher", "--dataset", "shapes", "--no-probes")
            #expect(quick.leftOut["linear_probe"] == "probes were not asked for")
            #expect(quick.leftOut["agreement"] == "the model has no teacher")
            #expect(quick.metrics["accuracy"] != nil && quick.metrics["agreement"] == nil)
            let training = try await service.json(
                EvaluationReply.self, "evaluate", "teacher", "--dataset", "shapes", "--split",
                "train")
            #expect(training.leftOut["ridge_probe"]?.contains("train") == true)
            let text = try await service.ctl("evaluate", "teacher", "--dataset", "shapes")
            #expect(text.output.contains("not measured") && text.output.contains("agreement"))
        }

        private func compare(_ service: Service) async throws {
            let reply = try await service.json(
                ComparisonReply.self, "compare", "student-1", "student-2", "--dataset", "shapes",
                "--baseline", "student-2", "--few", "teacher", "--oracle", "oracle")
            #expect(reply.models.map(\.model) == ["student-1", "student-2", "teacher", "oracle"])
            #expect(reply.models.map(\.seed) == [1, 2, 0, 0])
            #expect(reply.baseline == "student-2" && reply.split == "test")
            let measured = try #require(reply.models.first)
            let alone = try await service.json(
                EvaluationReply.self, "evaluate", "student-1", "--dataset", "shapes")
            #expect(measured.metrics == alone.metrics && measured.intervals == alone.intervals)
            let differences = reply.differences.filter { $0.metric == "accuracy" }
            #expect(differences.map(\.model) == ["student-1", "teacher", "oracle"])
            for entry in reply.differences {
                #expect(entry.significant == (entry.low > 0 || entry.high < 0))
                #expect(entry.samples == 10)
            }
            let first = try #require(reply.models[0].metrics["accuracy"])
            let second = try #require(reply.models[1].metrics["accuracy"])
            #expect(abs(differences[0].difference - (first - second)) < 1e-12)
            let group = try #require(reply.seeds.first)
            #expect(reply.seeds.count == 1 && group.models == ["student-1", "student-2"])
            let mean = try #require(group.metrics["accuracy"])
            #expect(mean.seeds == 2 && abs(mean.mean - (first + second) / 2) < 1e-12)
            #expect(reply.gapClosed.isEmpty == (reply.leftOut["gap_closed"] != nil))

            let text = try await service.ctl(
                "compare", "student-1", "teacher", "oracle", "--dataset", "shapes")
            #expect(text.status == 0, "\(text.errors)")
            for part in ["MODEL", "ACCURACY", "differences to student-1", "oracle"] {
                #expect(text.output.contains(part), "\(part)")
            }
        }

        private func refuse(_ service: Service) async throws {
            let refusals: [([String], Int32, String)] = [
                (["compare", "student-1", "nobody", "--dataset", "shapes"], 5, "nobody"),
                (["compare", "student-1", "oracle", "--dataset", "nowhere"], 5, "nowhere"),
                (["compare", "student-1", "--dataset", "shapes"], 2, "two models"),
                (["compare", "student-1", "student-1", "--dataset", "shapes"], 2, "two models"),
                (
                    ["compare", "student-1", "oracle", "--dataset", "shapes", "--few", "x"], 2,
                    "both"
                ),
                (
                    [
                        "compare", "student-1", "--dataset", "shapes", "--few", "oracle",
                        "--oracle", "oracle",
                    ], 2, "same model"
                ),
                (["evaluate", "nobody", "--dataset", "shapes"], 5, "nobody"),
            ]
            for (arguments, status, part) in refusals {
                let ending = try await Program.run(
                    "distillctl", arguments, environment: service.environment)
                #expect(ending.status == status, "\(arguments): \(ending.errors)")
                #expect(ending.errors.contains(part), "\(arguments): \(ending.errors)")
            }
        }

        @Test func aCollapsedStudentIsAnnouncedAndItsJobGoesOn() async throws {
            try await Service.with { service, _ in
                try await service.synthesize(pairs: 240)
                _ = try await enqueue(service, try service.recipe("teacher", epochs: 3))
                // 108 steps, and a decay that leaves nothing of the weights.
                let job = try await enqueue(
                    service,
                    try recipe(
                        service, "fallen", seed: 1, epochs: 9,
                        training: "weight_decay = 10\nwarmup = 0"))
                let shown = try await service.client.send(ShowJob(job.id)).job
                #expect(shown.collapsed == true)
                let text = try await service.ctl("show", job.id)
                #expect(text.output.contains("features have collapsed"))
                let events = try await service.ctl(
                    "events", "--type", "job.warning", "-o", "json")
                #expect(events.output.contains("training.collapsed"))
                let run = try #require(shown.runFolder)
                let log = try String(contentsOfFile: "\(run)/log", encoding: .utf8)
                #expect(log.contains("warning: the student's features have collapsed"))
                let metrics = try String(
                    contentsOfFile: "\(run)/metrics.jsonl", encoding: .utf8)
                #expect(metrics.contains("\"collapsed\":true"))
            }
        }
    }
}
