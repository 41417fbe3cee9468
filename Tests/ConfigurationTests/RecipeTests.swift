import Configuration
import Foundation
import Testing

@Suite struct RecipeTests {
    private let smallest = """
        kind = "distill"
        [dataset]
        name = "kitchen"
        [teacher]
        model = "resnet"
        """

    @Test func defaultsFillASmallRecipe() throws {
        let recipe = try Recipe(toml: smallest, file: "recipe.toml")
        #expect(recipe.name == "kitchen-depth")
        #expect(recipe.teacher?.modality == "rgb")
        #expect(recipe.teacher?.precision == .automatic)
        #expect(recipe.student == Recipe.Student())
        #expect(recipe.training == Recipe.Training())
        #expect(recipe.objectives == Recipe.Defaults.objectives(for: .distill))
        #expect(
            recipe.objectives.map(\.method) == ["kullback-leibler", "pearson", "centred-cosine"])
        #expect(recipe.objectives.map(\.weight) == [1, 10, 1])
    }

    @Test func theManualNamesTheDefaultObjectives() throws {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let manual = try String(
            contentsOf: package.appending(path: "Packaging/man/distilld-recipe.5"), encoding: .utf8
        ).replacingOccurrences(of: "\\-", with: "-")
        for objective in Recipe.Defaults.objectives(for: .distill) {
            let name = "\(objective.knowledge.rawValue)/\(objective.method)"
            #expect(manual.contains("\(name) at weight \(Int(objective.weight ?? 0))"))
        }
        #expect(Recipe.Defaults.objectives(for: .distill).count == 3)
    }

    @Test func anUnknownPrecisionOfTheTeacherIsRefusedWithTheKnownOnes() {
        let error = #expect(throws: ConfigurationError.self) {
            try Recipe(toml: smallest + "\nprecision = \"int4\"", file: "recipe.toml")
        }
        #expect(error?.keyPath == "teacher.precision")
        for known in ["automatic", "float32", "bfloat16", "int8"] {
            #expect(error?.message.contains(known) == true)
        }
    }

    @Test func everyKeyIsRead() throws {
        let recipe = try Recipe(
            toml: """
                name = "a.b_c-1"
                kind = "distill"
                [dataset]
                name = "d"
                split = "all"
                labels_per_class = 5
                label = "shape"
                shuffle_pairs = true
                [teacher]
                model = "m"
                modality = "rgb"
                precision = "int8"
                [student]
                architecture = "resnet18"
                modality = "depth"
                encoding = "normals"
                size = 96
                initialise = "teacher"
                [training]
                epochs = 3
                batch = 8
                learning_rate = 1
                momentum = 0.5
                weight_decay = 0
                warmup = 0.1
                seed = 7
                views = 2
                ema = 0
                gradient_clip = 0
                label_smoothing = 0.1
                evaluate_every = 1
                checkpoint_every = 5
                threads = 2
                noise = false
                [[objective]]
                knowledge = "response"
                method = "kullback-leibler"
                weight = 0.25
                schedule = "ramp"
                ramp_epochs = 7
                teacher = "logits"
                student = "head"
                [objective.parameters]
                temperature = 4
                normalised = true
                mode = "x"
                """, file: "recipe.toml")
        #expect(recipe.dataset.labelsPerClass == 5)
        #expect(recipe.dataset.shufflePairs)
        #expect(recipe.student.initialise == .teacher)
        #expect(recipe.teacher?.precision == .int8)
        let again = try Recipe(toml: recipe.toml, file: "again.toml")
        #expect(again.teacher?.precision == .int8)
        #expect(recipe.training.learningRate == 1)
        #expect(recipe.training.noise == .off)
        let objective = try #require(recipe.objectives.first)
        #expect(objective.schedule == .ramp && objective.rampEpochs == 7)
        #expect(
            objective.parameters == [
                "temperature": .number(4), "normalised": .boolean(true), "mode": .string("x"),
            ])
        // What is written out reads back as the same recipe.
        #expect(try Recipe(toml: recipe.toml, file: "recipe.resolved.toml") == recipe)
    }

    @Test func noiseIsASwitchOrATable() throws {
        func training(_ text: String) throws -> Recipe.Training {
            let recipe = try Recipe(
                toml: "kind = \"train\"\n[dataset]\nname = \"d\"\n[training]\n\(text)",
                file: "recipe.toml")
            #expect(try Recipe(toml: recipe.toml, file: "again.toml") == recipe)
            return recipe.training
        }
        #expect(try training("").noise == .on([:]))
        #expect(try training("noise = true").noise == .on([:]))
        #expect(try training("noise = false\ncrop = 1").noise == .off)
        let settings = try training("[training.noise]\nscale = 0.05\nholes = 3").noise
        #expect(settings == .on(["scale": 0.05, "holes": 3]))
        #expect(throws: ConfigurationError.self) { try training("[training.noise]\nscale = -1") }
        #expect(throws: ConfigurationError.self) { try training("[training.noise]\nholes = true") }
        #expect(throws: ConfigurationError.self) { try training("noise = 1") }
        #expect(throws: ConfigurationError.self) { try training("crop = 1.5") }
    }

    @Test func resolvedDefaultsReadBack() throws {
        for kind in Recipe.Kind.allCases {
            let recipe = Recipe(
                name: "r", kind: kind, dataset: Recipe.Dataset(name: "d"),
                teacher: kind == .distill ? Recipe.Teacher(model: "t") : nil)
            #expect(try Recipe(toml: recipe.toml, file: "r.toml") == recipe)
        }
    }

    @Test(arguments: [
        (
            "[training]\nepoch = 3",
            "unknown key `epoch` in [training] of recipe.toml; did you mean `epochs`?"
        ),
        (
            "[traning]\nepochs = 3",
            "unknown section [traning] in recipe.toml; did you mean `training`?"
        ),
        (
            "[training]\nepochs = 0",
            "recipe.toml: `training.epochs` is 0, expected an integer from 1 to 1000000"
        ),
        (
            "[training]\nepochs = \"ten\"",
            "recipe.toml: `training.epochs` is the string \"ten\", expected an integer from 1 to 1000000"
        ),
        (
            "[training]\nlearning_rate = 0",
            "recipe.toml: `training.learning_rate` is 0, expected a number above 0"
        ),
        (
            "[training]\nlearning_rate = nan",
            "recipe.toml: `training.learning_rate` is nan, expected a number above 0"
        ),
        (
            "[training]\nwarmup = 1.0",
            "recipe.toml: `training.warmup` is 1.0, expected a number from 0 to below 1"
        ),
        (
            "[student]\nsize = 8",
            "recipe.toml: `student.size` is 8, expected an integer from 16 to 1024"
        ),
        (
            "[[objective]]\nknowledge = \"respons\"\nmethod = \"m\"",
            "recipe.toml: `objective[1].knowledge` is the string \"respons\", expected `feature`, `label`, `relation` or `response`; did you mean `response`?"
        ),
        (
            "[[objective]]\nknowledge = \"label\"",
            "recipe.toml: `objective[1].method` is missing, expected the name of a method; add `method = ...` under [objective[1]]"
        ),
        (
            "[[objective]]\nknowledge = \"label\"\nmethod = \"m\"\nweight = -1",
            "recipe.toml: `objective[1].weight` is -1, expected a number of at least 0"
        ),
        (
            "[[objective]]\nknowledge = \"label\"\nmethod = \"m\"\nschedule = \"ramped\"",
            "recipe.toml: `objective[1].schedule` is the string \"ramped\", expected `balanced`, `constant` or `ramp`; did you mean `ramp`?"
        ),
        (
            "[[objective]]\nknowledge = \"label\"\nmethod = \"m\"\nramp_epochs = 5",
            "recipe.toml: `objective[1].ramp_epochs` is 5, expected no such key beside schedule = \"constant\"; write schedule = \"ramp\""
        ),
    ])
    func mistakesAreNamed(_ text: String, _ message: String) {
        let toml = smallest + "\n" + text
        let error = #expect(throws: ConfigurationError.self) {
            try Recipe(toml: toml, file: "recipe.toml")
        }
        #expect(error?.description == message)
    }

    @Test func mistypedSectionOfARequiredKey() {
        let error = #expect(throws: ConfigurationError.self) {
            try Recipe(toml: "kind = \"train\"\n[datset]\nname = \"d\"", file: "recipe.toml")
        }
        #expect(
            error?.description == "unknown section [datset] in recipe.toml; did you mean `dataset`?"
        )
    }

    @Test func kindAndTeacherBelongTogether() {
        #expect(throws: ConfigurationError.self) {
            try Recipe(toml: "kind = \"distill\"\n[dataset]\nname = \"d\"", file: "r")
        }
        #expect(throws: ConfigurationError.self) {
            try Recipe(
                toml: "kind = \"train\"\n[dataset]\nname = \"d\"\n[teacher]\nmodel = \"m\"",
                file: "r")
        }
        #expect(throws: ConfigurationError.self) {
            try Recipe(
                toml: """
                    kind = "train"
                    [dataset]
                    name = "d"
                    [[objective]]
                    knowledge = "feature"
                    method = "m"
                    """, file: "r")
        }
    }

    @Test func syntaxErrorsCarryTheLine() {
        let error = #expect(throws: ConfigurationError.self) {
            try Recipe(toml: "kind = \"train\"\n\nname = = 3\n", file: "recipe.toml")
        }
        #expect(error?.code == .syntax)
        #expect(error?.line == 3)
        #expect(error?.column != nil)
        #expect(error?.description.hasPrefix("recipe.toml, line 3, column ") == true)
    }

    @Test func duplicateKeysAndBytesThatAreNoText() {
        for text in ["kind = \"train\"\nkind = \"train\"", "kind = \"train\"\n\0"] {
            let error = #expect(throws: ConfigurationError.self) {
                try Recipe(toml: text, file: "r")
            }
            #expect(error?.code == .syntax)
            #expect(error?.line == 2)
        }
    }

    @Test(arguments: ["", "a/b", "..", "-x", ".hidden", "a b", "ü\u{301}/"])
    func namesThatCannotBecomePaths(_ name: String) {
        #expect(!Recipe.isName(name))
    }

    @Test func stringsSurviveWriting() throws {
        var recipe = Recipe(
            name: "r", kind: .train, dataset: Recipe.Dataset(name: "a\"b\\c\n\u{7}é"))
        recipe.objectives[0].parameters = ["strange key": .string("\t"), "π": .number(-1e-300)]
        #expect(try Recipe(toml: recipe.toml, file: "r") == recipe)
    }
}
