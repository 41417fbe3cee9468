import ControlClient
import ControlProtocol
import Foundation
import Testing

extension EndToEndTests {
    @Suite struct JobTests {
        @Test func aTeacherTeachesAStudentThatIsExported() async throws {
            try await Service.with { service, _ in
                let path = try await service.synthesize()
                let trained = try await service.json(
                    JobReply.self, "enqueue", try service.recipe("teacher"), "--wait"
                ).job
                #expect(trained.state == .succeeded && trained.model == "teacher")

                let planned = try await service.json(
                    PlanReply.self, "plan", "--dataset", "shapes", "--teacher", "teacher",
                    "--size", "32")
                #expect((planned.plan["parameters"]?.number ?? 0) > 0)

                let queued = try await service.json(
                    JobReply.self, "enqueue", "--dataset", "shapes", "--teacher", "teacher",
                    "--student", "residual-small", "--size", "32", "--epochs", "2", "--batch",
                    "16", "--name", "student")
                #expect(!queued.job.id.isEmpty)
                let watched = try await service.ctl("watch", queued.job.id)
                #expect(watched.status == 0, "\(watched.errors)")
                let job = try await service.ended(queued.job.id)
                #expect(job.state == .succeeded, "\(String(describing: job.error))")
                let run = try #require(job.runFolder)
                for name in [
                    "metrics.jsonl", "log", "recipe.resolved.toml",
                    "student.safetensors", "student.onnx",
                ] {
                    #expect(FileManager.default.fileExists(atPath: "\(run)/\(name)"), "\(name)")
                }

                try await export(service)
                try await measure(service, picture: "\(path)/depth/000003.png")
            }
        }

        private func export(_ service: Service) async throws {
            let target = "\(service.folder)/student.onnx"
            let ending = try await service.ctl(
                "models", "export", "student", "--format", "onnx", "--to", target)
            #expect(ending.status == 0, "\(ending.errors)")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: target))
            for name in ["depth", "logits", "features", "distilld."] {
                #expect(bytes.range(of: Data(name.utf8)) != nil, "\(name)")
            }
            let frame = "\(service.folder)/depth.npy"
            try array(shape: [2, 1, 32, 32]).write(to: URL(fileURLWithPath: frame))
            let outputs = "\(service.folder)/outputs"
            let run = try await service.ctl(
                "models", "run", target, "--input", "depth=\(frame)", "--outputs", outputs)
            #expect(run.status == 0, "\(run.errors)")
            for name in ["logits.npy", "features.npy"] {
                #expect(FileManager.default.fileExists(atPath: "\(outputs)/\(name)"), "\(name)")
            }
        }

        private func measure(_ service: Service, picture: String) async throws {
            let evaluated = try await service.json(
                EvaluationReply.self, "evaluate", "student", "--dataset", "shapes")
            #expect(evaluated.metrics["accuracy"] != nil && evaluated.metrics["agreement"] != nil)
            let predicted = try await service.json(
                JSONValue.self, "predict", "student", picture)
            guard case .array(let predictions)? = predicted["predictions"] else {
                throw Surprise(description: "no predictions in \(predicted)")
            }
            #expect(predictions.count == 1 && predictions[0]["classes"] != nil)
            let models = try await service.json(ModelsReply.self, "models", "list")
            #expect(Set(models.models.map(\.name)) == ["student", "teacher"])
            #expect(try await service.ctl("models", "remove", "student").status == 0)
        }

        /// An NPY file of ones.
        private func array(shape: [Int]) -> Data {
            var header =
                "{'descr': '<f4', 'fortran_order': False, 'shape': "
                + "(\(shape.map(String.init).joined(separator: ", "))), }"
            while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
            header += "\n"
            var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
            let count = UInt16(header.utf8.count)
            data += [UInt8(count & 0xFF), UInt8(count >> 8)] + Array(header.utf8)
            for _ in 0..<shape.reduce(1, *) {
                withUnsafeBytes(of: Float(1).bitPattern.littleEndian) {
                    data.append(contentsOf: $0)
                }
            }
            return data
        }

        @Test func interruptingAWaitLeavesTheJobRunning() async throws {
            try await Service.with { service, _ in
                try await service.synthesize()
                let waiting = try RunningProgram(
                    "distillctl",
                    ["enqueue", try service.recipe("long", epochs: 100_000), "--wait"],
                    environment: service.environment)
                try await wait(for: "the job") {
                    try await !service.client.send(ListJobs()).jobs.isEmpty
                }
                _ = try await service.training("j1")
                kill(waiting.pid, SIGINT)
                let ending = await waiting.ending()
                #expect(ending.status == 130)
                #expect(ending.errors.contains("job j1 goes on"))
                #expect(try await service.client.send(ShowJob("j1")).job.state == .running)

                let paused = try await service.ctl("pause", "j1")
                #expect(paused.status == 0, "\(paused.errors)")
                try await wait(for: "the pause") {
                    try await service.client.send(ShowJob("j1")).job.state == .paused
                }
                #expect(try await service.ctl("cancel", "j1").status == 0)
                #expect(try await service.ended("j1").state == .cancelled)
            }
        }
    }
}
