import Configuration
import Foundation
import Testing

@Suite struct DatasetManifestTests {
    private let written = """
        layout = "stem"
        registered = false
        [rgb]
        path = "rgb"
        pattern = "*.jpg"
        [depth]
        path = "depth"
        pattern = "*.png"
        scale = 0.001
        byte_order = "little"
        [thermal]
        path = "thermal"
        offset = -273
        [intrinsics]
        fx = 585
        fy = 585
        cx = 320
        cy = 240
        width = 640
        height = 480
        [labels]
        file = "labels.csv"
        key = "frame"
        label = "view"
        split = "split"
        group = "scene"
        attributes = ["contradicting"]
        [split]
        test = 0.1
        group = '^(scene[0-9]+)-'
        """

    @Test(
        arguments: [
            ("scale = 0.002", 0.002, 20.0, nil), ("unit = \"mm\"", 0.001, 20, nil),
            ("unit = \"cm\"", 0.01, 20, nil),
            ("units_per_metre = 5000", 0.0002, 20, nil), ("preset = \"tum\"", 0.0002, 20, nil),
            ("preset = \"realsense-l515\"", 0.00025, 10, nil), ("preset = \"sun\"", 0.001, 8, 3.0),
            ("preset = \"sun\"\nmaximum = 5", 0.001, 5, 3.0), ("", nil, 20, nil),
        ] as [(String, Double?, Double, Double?)])
    func aUnitOfDepthIsSaidInOneOfFourWays(
        text: String, scale: Double?, maximum: Double, rotation: Double?
    ) throws {
        let manifest = try DatasetManifest(
            toml: "layout = \"stem\"\n[depth]\npath = \"d\"\n\(text)", file: "dataset.toml")
        let options = try #require(manifest.modality("depth")?.options)
        #expect(options["scale"]?.number == scale)
        #expect(options["maximum"]?.number == maximum)
        #expect(options["bit_rotation"]?.number == rotation)
        #expect(Set(options.keys).isSubset(of: ["scale", "maximum", "bit_rotation", "invalid"]))
        // As it is written out it means the same.
        #expect(try DatasetManifest(toml: manifest.toml, file: "again.toml") == manifest)
    }

    @Test func theManualNamesEveryPresetAndUnit() throws {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let manual = try String(
            contentsOf: package.appending(path: "Packaging/man/distilld-recipe.5"), encoding: .utf8
        ).replacingOccurrences(of: "\\-", with: "-")
        let names = DepthUnits.presets.map(\.name).joined(separator: ", ")
        #expect(manual.contains("sensor: \(names)."))
    }

    @Test func everyKeyIsReadAndWrittenBack() throws {
        let manifest = try DatasetManifest(toml: written, file: "dataset.toml")
        #expect(manifest.modalities.map(\.name) == ["depth", "rgb", "thermal"])
        #expect(
            manifest.modality("depth")?.options == [
                "scale": .number(0.001), "invalid": .number(0), "maximum": .number(20),
                "byte_order": .string("little"),
            ])
        #expect(manifest.modality("thermal")?.options == ["offset": .number(-273)])
        #expect(manifest.modality("thermal")?.pattern == "*")
        #expect(manifest.intrinsics?.width == 640)
        #expect(
            manifest.intrinsics.map { [$0.focal.x, $0.focal.y] } == [585.0 / 640, 585.0 / 480])
        #expect(manifest.labels?.attributes == ["contradicting"])
        #expect(manifest.split.test == 0.1)
        #expect(try DatasetManifest(toml: manifest.toml, file: "again") == manifest)
    }

    /// What the plugin says that it takes and what a manifest may say are written in two places.
    @Test func theKeysOfDepthAreThoseOfItsPlugin() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Plugins/Depth/plugin.toml")
        let plugin = try String(contentsOf: path, encoding: .utf8)
        let line = try #require(plugin.split(separator: "\n").first { $0.hasPrefix("options") })
        let keys = line.split(separator: "\"").enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
        #expect(keys.contains("sparse") && keys.count > 5)
        for key in keys {
            let value =
                switch key {
                case "byte_order": "\"little\""
                case "allow_8bit", "sparse": "true"
                default: "1"
                }
            let manifest = try DatasetManifest(
                toml: "layout = \"stem\"\n[depth]\npath = \"depth\"\n\(key) = \(value)",
                file: "d.toml")
            #expect(manifest.modality("depth")?.options[key] != nil, "\(key)")
        }
    }

    @Test func theCentreMayBeLeftOutOfIntrinsics() throws {
        let text = """
            layout = "stem"
            [depth]
            path = "depth"
            [intrinsics]
            fx = 525
            fy = 525
            width = 640
            height = 480
            """
        let manifest = try DatasetManifest(toml: text, file: "dataset.toml")
        #expect(manifest.intrinsics.map { [$0.cx, $0.cy] } == [319.5, 239.5])
        #expect(try DatasetManifest(toml: manifest.toml, file: "again") == manifest)
    }

    @Test(arguments: [
        ("fx = 525\nfy = 525\nheight = 480", "intrinsics.width"),
        ("fx = 525\nfy = 525\nwidth = 640", "intrinsics.height"),
        // Millimetres, not pixels.
        ("fx = 3.6\nfy = 3.6\nwidth = 640\nheight = 480", "intrinsics.fx"),
        ("fx = 525\nfy = 52500\nwidth = 640\nheight = 480", "intrinsics.fy"),
        ("fx = 585\nfy = 58.5\nwidth = 64\nheight = 48", "intrinsics.fx"),
        ("fx = 585\nfy = 200\nwidth = 640\nheight = 480", "intrinsics.fy"),
        ("fx = 525\nfy = 525\ncx = 9999\nwidth = 640\nheight = 480", "intrinsics.cx"),
        ("K = [1, 2]", "`K` in [intrinsics]"),
        ("fx = 525\nfy = 525\nwidth = 640\nheight = 480\nk1 = 0.1", "`k1` in [intrinsics]"),
    ])
    func intrinsicsThatNoCameraHasAreRefused(_ section: String, _ key: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try DatasetManifest(
                toml: "layout = \"stem\"\n[depth]\npath = \"depth\"\n[intrinsics]\n\(section)",
                file: "dataset.toml")
        }
        #expect(
            error?.message.contains(key) == true, "\(error.map(String.init(describing:)) ?? "none")"
        )
        #expect(error?.hint.isEmpty == false)
    }

    @Test(arguments: [
        (
            "layout = \"stem\"",
            "dataset.toml: found no modality; add sections such as [rgb] and [depth] with `path` and `pattern`"
        ),
        (
            "[rgb]\npath = \"rgb\"",
            "dataset.toml: `layout` is missing, expected the name of a layout, such as \"stem\" or \"suffix\"; add `layout = ...`"
        ),
        (
            "layout = \"stem\"\n[depth]\nscale = 1\nunits_per_metre = 5000",
            "dataset.toml: `depth.units_per_metre` is 5000, expected only one of `scale` or `units_per_metre`; each of them says what a stored unit is"
        ),
        (
            "layout = \"stem\"\n[depth]\nunit = \"inch\"",
            "dataset.toml: `depth.unit` is the string \"inch\", expected `cm`, `dm`, `m`, `mm` or `um`"
        ),
        (
            "layout = \"stem\"\n[depth]\npath = \"d\"\nscale = 0.001\nunits = \"mm\"",
            "unknown key `units` in [depth] of dataset.toml; did you mean `unit`?"
        ),
        (
            "layout = \"stem\"\n[rgb]\npath = \"d\"\ngamma = 2",
            "unknown key `gamma` in [rgb] of dataset.toml; known here: `path` or `pattern`"
        ),
        (
            "layout = \"stem\"\n[depth]\npath = \"d\"\nscal = 1",
            "unknown key `scal` in [depth] of dataset.toml; did you mean `scale`?"
        ),
        (
            "layout = \"stem\"\n[rgb]\npath = \"../x\"",
            "dataset.toml: `rgb.path` is the string \"../x\", expected a path below the data set's folder; write it relative to the folder of dataset.toml, without `..`"
        ),
        (
            "layout = \"stem\"\n[rgb]\n[lables]\nfile = \"l.csv\"",
            "unknown section [lables] in dataset.toml; did you mean `labels`?"
        ),
        (
            "layout = \"stem\"\n[rgb]\n[split]\ntest = 1",
            "dataset.toml: `split.test` is 1, expected a number from 0 to below 1"
        ),
    ])
    func mistakesAreNamed(_ text: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try DatasetManifest(toml: text, file: "dataset.toml")
        }
        #expect(error?.description == message)
    }

    @Test(arguments: ["(", "scene", "(a)(b)"])
    func groupExpressionsNeedOneCapture(_ expression: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try DatasetManifest(
                toml: "layout = \"stem\"\n[rgb]\n[split]\ngroup = '\(expression)'", file: "d")
        }
        #expect(error?.keyPath == "split.group")
    }

    @Test func groupsComeFromKeys() throws {
        let expression = try GroupExpression("^(scene[0-9]+)-")
        #expect(expression.group(of: "scene12-0007") == "scene12")
        #expect(expression.group(of: "other") == "other")
    }
}
