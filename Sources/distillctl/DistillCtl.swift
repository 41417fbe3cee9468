import ArgumentParser
import ControlProtocol

/// The command line of distilld: reads and writes the user's own files and speaks with the daemon.
///
/// A command is one file in `Commands` and one line here.
@main
struct DistillCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "distillctl",
        abstract: "Distil a frozen RGB teacher into a student that needs only depth.",
        usage: "distillctl [--socket PATH] [-o json] COMMAND ...",
        discussion: """
            First steps:
              distillctl datasets add ~/recordings/kitchen
              distillctl models import resnet.onnx --name resnet --preprocess imagenet
              distillctl enqueue --dataset kitchen --teacher resnet --wait
              distillctl models export kitchen-depth --format onnx --to student.onnx

            Exit status: 0 ok, 1 failed, 2 usage, 3 daemon unreachable, 4 denied, 5 not found, \
            6 conflict, 75 try again later.
            """,
        version: "distillctl \(ProductVersion.current)",
        groupedSubcommands: [
            CommandGroup(
                name: "Service",
                subcommands: [
                    StatusCommand.self, DoctorCommand.self, VersionCommand.self,
                    ReloadCommand.self, EventsCommand.self, PluginsCommand.self, DemoCommand.self,
                ]),
            CommandGroup(
                name: "Data", subcommands: [DatasetsCommand.self, SamplesCommand.self]),
            CommandGroup(
                name: "Models",
                subcommands: [
                    ModelsCommand.self, EvaluateCommand.self, CompareCommand.self,
                    PredictCommand.self,
                ]),
            CommandGroup(
                name: "Jobs",
                subcommands: [
                    EnqueueCommand.self, PlanCommand.self, MethodsCommand.self,
                    ListJobsCommand.self,
                    ShowJobCommand.self, CancelCommand.self, PauseCommand.self,
                    ResumeCommand.self, RetryCommand.self, LogsCommand.self, WatchCommand.self,
                ]),
        ])

    @OptionGroup var options: GlobalOptions

    static func main() async {
        do {
            var command = try parseAsRoot(
                ImportModelCommand.reading(Array(CommandLine.arguments.dropFirst())))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Failure(error).exit()
        }
    }
}
