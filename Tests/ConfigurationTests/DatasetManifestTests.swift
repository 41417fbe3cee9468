import Configuration
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
        unit = "metre"
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

    @Test func everyKeyIsReadAndWrittenBack() throws {
        let manifest = try DatasetManifest(toml: written, file: "dataset.toml")
        #expect(manifest.modalities.map(\.name) == ["depth", "rgb", "thermal"])
        #expect(
            manifest.modality("depth")?.options == [
                "scale": .number(0.001), "invalid": .number(0), "maximum": .number(20),
                "unit": .string("metre"),
            ])
        #expect(manifest.modality("thermal")?.options == ["offset": .number(-273)])
        #expect(manifest.modality("thermal")?.pattern == "*")
        #expect(manifest.intrinsics?.width == 640)
        #expect(manifest.labels?.attributes == ["contradicting"])
        #expect(manifest.split.test == 0.1)
        #expect(try DatasetManifest(toml: manifest.toml, file: "again") == manifest)
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
            "layout = \"stem\"\n[depth]\npath = \"d\"",
            "dataset.toml: `depth.scale` is missing, expected a number above 0; add `scale = ...` under [depth]"
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
