import Configuration
import Testing
import Watching

@Suite struct PairingTests {
    private func modality(_ pattern: String) -> DatasetManifest.Modality {
        DatasetManifest.Modality(name: "rgb", path: ".", pattern: pattern)
    }

    @Test(arguments: [
        ("000012.jpg", "", "000012"), ("a.b.jpg", "", "a.b"),
        ("x.png", "scene/night", "scene/night/x"),
        ("noextension", "", "noextension"),
    ])
    func stems(_ file: String, _ folder: String, _ key: String) {
        #expect(StemPairing().key(of: file, in: folder, modality: modality("*")) == key)
    }

    @Test(
        arguments: [
            ("frame-1.color.jpg", "*.color.jpg", "frame-1"),
            ("frame-1.color.jpg", "*.color.*", "frame-1"),
            ("a.color.b.color.png", "*.color.*", "a.color.b"),
            ("rgb_0007.png", "rgb_*.png", "0007"),
            ("7_depth.png", "*_depth.???", "7"),
            (".color.jpg", "*.color.jpg", nil),
            ("other.png", "*.color.jpg", nil),
        ] as [(String, String, String?)])
    func suffixes(_ file: String, _ pattern: String, _ key: String?) {
        #expect(SuffixPairing().key(of: file, in: "", modality: modality(pattern)) == key)
    }

    @Test func rulesRefuseManifestsThatCannotPair() throws {
        let same = DatasetManifest(
            layout: "stem",
            modalities: ["rgb", "depth"].map {
                DatasetManifest.Modality(name: $0, path: ".", pattern: "*.png")
            })
        #expect(throws: WatchingError.self) { try PairingRules.rule(for: same, file: "d") }
        var bare = same
        bare.layout = "suffix"
        bare.modalities[0].pattern = "*"
        #expect(throws: WatchingError.self) { try PairingRules.rule(for: bare, file: "d") }
        var unknown = same
        unknown.layout = "sufix"
        let error = #expect(throws: WatchingError.self) {
            try PairingRules.rule(for: unknown, file: "dataset.toml")
        }
        #expect(
            error?.description
                == "dataset.toml: found the layout `sufix`, expected `stem` or `suffix`; "
                + "did you mean `suffix`?")
    }

    @Test func foldersAreRecognised() throws {
        let stem = try PairingRules.recognise(
            FolderShape(files: [], folders: ["rgb": ["1.jpg", "2.jpg"], "depth": ["1.npy"]]),
            layout: "auto", path: "/d")
        #expect(stem.layout == "stem")
        #expect(stem.modality("rgb")?.pattern == "*.jpg")
        #expect(stem.modality("depth")?.pattern == "*.npy")
        #expect(stem.modality("depth")?.options["scale"] == nil)
        let suffix = try PairingRules.recognise(
            FolderShape(
                files: ["1.color.jpg", "1.depth.png", "2.color.png", "notes.txt"], folders: [:]),
            layout: "auto", path: "/d")
        #expect(suffix.layout == "suffix")
        #expect(suffix.modality("rgb")?.pattern == "*.color.*")
        #expect(suffix.modality("depth")?.pattern == "*.depth.png")
        #expect(suffix.modality("depth")?.options["scale"] == nil)
        #expect(throws: WatchingError.self) {
            try PairingRules.recognise(
                FolderShape(files: ["a.jpg"], folders: [:]), layout: "auto", path: "/d")
        }
        // What was recognised is a manifest like any other.
        #expect(try DatasetManifest(toml: suffix.toml, file: "d") == suffix)
    }

    @Test func adviceNamesEveryClosedFolder() {
        let closed: Set = ["/home/u", "/home/u/my data"]
        let advice = AccessAdvice(user: "distilld") { _, path in !closed.contains(path) }
        #expect(
            advice.commands(toRead: "/home/u/my data/set") == [
                "setfacl -m u:distilld:--x /home/u",
                "setfacl -m u:distilld:--x '/home/u/my data'",
                "setfacl -R -m u:distilld:rX '/home/u/my data/set'",
                "setfacl -R -d -m u:distilld:rX '/home/u/my data/set'",
            ])
        #expect(advice.commands(toRead: "/srv/data").isEmpty)
    }
}
