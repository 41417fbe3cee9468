import ArgumentParser
import Configuration
import Console
import Objectives

struct MethodsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods", abstract: "List the methods of distillation that recipes can name.",
        discussion: """
            Recipes name a method in [[objective]] by knowledge and method, the command line by \
            --method. The weight is the one that is used where none is given; the default is what a \
            recipe without any objective distils with.

            Example: distillctl methods
            """)

    private struct Reply: Encodable {
        struct Method: Encodable {
            var knowledge: String
            var method: String
            var summary: String
            var weight: Double
        }

        struct Objective: Encodable {
            var knowledge: String
            var method: String
            var weight: Double
        }

        var methods: [Method]
        var standard: [Objective]

        private enum CodingKeys: String, CodingKey {
            case methods
            case standard = "default"
        }
    }

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let reply = Reply(
            methods: ObjectiveRegistry.all.map {
                .init(
                    knowledge: $0.knowledge.rawValue, method: $0.method, summary: $0.summary,
                    weight: $0.usualWeight)
            },
            standard: Recipe.Defaults.objectives(for: .distill).map {
                .init(knowledge: $0.knowledge.rawValue, method: $0.method, weight: $0.weight ?? 1)
            })
        try options.show(reply) { terminal in
            var table = Table([
                .init("METHOD"), .init("WEIGHT", .right), .init("COMPARES", shrinks: true),
            ])
            for method in reply.methods {
                table.add([
                    "\(method.knowledge)/\(method.method)", HumanUnits.plain(method.weight),
                    method.summary,
                ])
            }
            let standard = reply.standard.map {
                "\($0.knowledge)/\($0.method) \(HumanUnits.plain($0.weight))"
            }
            return terminal.lines(table, empty: "no methods")
                + ["default: " + standard.joined(separator: " + ")]
        }
    }
}
