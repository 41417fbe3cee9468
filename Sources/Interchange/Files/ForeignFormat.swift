import Foundation

/// A file of another program that is no ONNX and no safetensors, with what turns it into one.
package struct ForeignFormat: Sendable, Equatable {
    /// What it is, in words.
    package let what: String
    /// The lines that convert it.
    package let conversion: String

    /// Looks at a file's first bytes and, where these fit several formats, at its name.
    ///
    /// nil for everything that is not recognised: reading it says what is wrong with it.
    /// - Throws: `InterchangeError.unreadable`.
    package init?(at path: String, name: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw InterchangeError(
                .unreadable, file: path, "cannot be read",
                hint: "check that it exists and may be read")
        }
        defer { try? handle.close() }
        let head = (try? handle.read(upToCount: 1 << 20)) ?? Data()
        let size = (try? handle.seekToEnd()) ?? 0
        let tail: Data
        if size > UInt64(head.count) {
            try? handle.seek(toOffset: size - min(size, 1 << 16))
            tail = (try? handle.readToEnd()) ?? Data()
        } else {
            tail = Data()
        }
        self.init(head: head, tail: tail, name: name)
    }

    init?(head: Data, tail: Data, name: String) {
        let name = name.lowercased()
        func begins(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }
        func holds(_ text: String) -> Bool {
            head.range(of: Data(text.utf8)) != nil || tail.range(of: Data(text.utf8)) != nil
        }
        let text = String(decoding: head.prefix(512), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        // A header of safetensors may begin with any length.
        if head.count > 8, head[head.startIndex + 8] == UInt8(ascii: "{"), !begins([0x50, 0x4B]) {
            return nil
        }
        switch true {
        case head.isEmpty:
            self.init("an empty file", "copy it again: it did not arrive")
        case text.hasPrefix("version https://git-lfs"):
            self.init(
                "a Git LFS pointer and not the file itself",
                "in its repository: `git lfs install && git lfs pull`")
        case text.hasPrefix("<!doctype html"), text.hasPrefix("<html"):
            self.init(
                "a web page: the download gave an error or a preview",
                "download the file itself, with the link of the `download` or `raw` button")
        case text.hasPrefix("<?xml") && text.contains("<net"):
            self.init("an OpenVINO network", Self.original)
        case begins([0x89, 0x48, 0x44, 0x46]), name.hasSuffix(".h5") && !begins([0x08]):
            self.init("a Keras model in HDF5", Self.keras)
        case begins([0x50, 0x4B, 0x03, 0x04]):
            self.init(zip: holds, name: name)
        case head.count > 8 && head.dropFirst(4).starts(with: Array("TFL3".utf8)):
            self.init(
                "a TensorFlow Lite model",
                "`pip install tf2onnx` and `python -m tf2onnx.convert --tflite MODEL.tflite --output model.onnx`"
            )
        case begins(Array("ftrt".utf8)), begins(Array("ptrt".utf8)), name.hasSuffix(".engine"):
            self.init("a TensorRT engine, which fits one processor only", Self.original)
        case begins([0x1F, 0x8B]), begins(Array("7z".utf8) + [0xBC]), begins([0x42, 0x5A, 0x68]):
            self.init("a packed archive", "unpack it and import the model in it")
        case begins([0x80]) && head.count > 1 && (2...5).contains(head[head.startIndex + 1]):
            self.init("a PyTorch or Python pickle", Self.pytorch)
        case name.hasSuffix(".mlmodel"), name.hasSuffix(".mlpackage"):
            self.init("a Core ML model", Self.original)
        case name.hasSuffix(".pb") && begins([0x08, 0x01, 0x12]),
            begins([0x08, 0x01, 0x12]) && holds("serve") && holds("tensorflow"):
            self.init(
                "a TensorFlow SavedModel",
                "`pip install tf2onnx` and `python -m tf2onnx.convert --saved-model FOLDER --output model.onnx`"
            )
        case name.hasSuffix(".pb") && begins([0x0A]):
            self.init(
                "a frozen TensorFlow graph",
                "`pip install tf2onnx` and `python -m tf2onnx.convert --graphdef GRAPH.pb --inputs INPUT:0 --outputs "
                    + "OUTPUT:0 --output model.onnx`")
        case name.hasSuffix(".caffemodel"), name.hasSuffix(".prototxt"):
            self.init("a Caffe model", Self.original)
        default: return nil
        }
    }

    private init(zip holds: (String) -> Bool, name: String) {
        switch true {
        case name.hasSuffix(".keras"), holds("model.weights.h5"):
            self.init("a Keras model", Self.keras)
        case name.hasSuffix(".pt2"), holds("data/weights/weight_"), holds("archive_format"):
            self.init(
                "an exported PyTorch program",
                "in Python: `program = torch.export.load(\"\(name)\")` and `torch.onnx.export(program, "
                    + "dynamo=True).save(\"model.onnx\")`")
        case holds("constants.pkl"), holds("code/__torch__"):
            self.init(
                "a TorchScript model",
                "in Python: `model = torch.jit.load(\"\(name)\").eval()` and `torch.onnx.export(model, "
                    + "torch.zeros(1, 3, 224, 224), \"model.onnx\", dynamo=False)`")
        case holds("data.pkl"), name.hasSuffix(".pth"), name.hasSuffix(".pt"),
            name.hasSuffix(".ckpt"):
            self.init("a PyTorch checkpoint", Self.pytorch)
        case holds("coremldata"), holds("com.apple.CoreML"):
            self.init("a Core ML package", Self.original)
        case holds(".npy"):
            self.init(
                "a NumPy archive", "export the network as ONNX, or its weights as safetensors")
        default: self.init("a zip archive", "unpack it and import the model in it")
        }
    }

    private init(_ what: String, _ conversion: String) {
        self.what = what
        self.conversion = conversion
    }

    private static let pytorch =
        "in Python: `model.load_state_dict(torch.load(\"FILE\", weights_only=True)); model.eval()` and "
        + "`torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\", dynamic_axes={\"input\": {0: "
        + "\"batch\"}}, input_names=[\"input\"], output_names=[\"logits\"], dynamo=False)`"
    private static let keras =
        "`pip install tf2onnx`, in Python `keras.models.load_model(\"FILE\").export(\"folder\")`, then `python -m "
        + "tf2onnx.convert --saved-model folder --output model.onnx`"
    private static let original =
        "it cannot be turned back: export the network that it was made of as ONNX "
        + "(`torch.onnx.export`, `tf2onnx`)"
}
