import Foundation
import Interchange
import Testing

@Suite("Files of other programs") struct ForeignFormatTests {
    private func found(_ bytes: [UInt8], _ name: String = "model.onnx") throws -> ForeignFormat? {
        let path = NSTemporaryDirectory() + "distill-foreign-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try ForeignFormat(at: path, name: name)
    }

    private static let zip: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

    @Test(
        arguments: [
            ([], "model.onnx", "empty"),
            (Array("version https://git-lfs.github.com/spec/v1\noid".utf8), "model.onnx", "LFS"),
            (Array("<!DOCTYPE html><html>".utf8), "model.onnx", "web page"),
            (Array("\n <html lang=en>".utf8), "model.safetensors", "web page"),
            (Array("<?xml version='1.0'?><net name='x'>".utf8), "model.xml", "OpenVINO"),
            ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "model.onnx", "HDF5"),
            ([0x1C, 0, 0, 0] + Array("TFL3".utf8) + [0], "model.onnx", "TensorFlow Lite"),
            (Array("ftrt".utf8), "model.engine", "TensorRT"),
            ([0x1F, 0x8B, 8], "model.onnx", "archive"),
            ([0x80, 2, 0x63], "model.pth", "pickle"),
            ([0x08, 1, 0x12, 4, 0], "saved_model.pb", "SavedModel"),
            (zip + Array("archive/data.pkl".utf8), "model.onnx", "PyTorch checkpoint"),
            (zip + Array("x/code/__torch__/net.py".utf8), "model.pt", "TorchScript"),
            (zip + Array("x/data/weights/weight_0".utf8), "model.onnx", "exported PyTorch"),
            (zip + Array("model.weights.h5".utf8), "model.onnx", "Keras"),
            (zip, "model.keras", "Keras"),
            (zip + Array("x.npy".utf8), "model.npz", "NumPy"),
        ] as [([UInt8], String, String)])
    func areRecognised(_ bytes: [UInt8], _ name: String, _ words: String) throws {
        let format = try #require(try found(bytes, name))
        #expect(format.what.contains(words), "\(format.what)")
        #expect(format.conversion.count > 20)
    }

    @Test func ourOwnAreNot() throws {
        #expect(try found([0x08, 0x08, 0x12, 0x07]) == nil)
        // The length of a header may begin as a pickle does.
        #expect(try found([0x80, 0x02, 0, 0, 0, 0, 0, 0] + Array("{\"a\"".utf8)) == nil)
        #expect(try found([0x40, 0, 0, 0, 0, 0, 0, 0] + Array("{\"a\"".utf8)) == nil)
        #expect(
            try found(Array("{\"weight_map\": {}}".utf8), "model.safetensors.index.json") == nil)
        let error = #expect(throws: InterchangeError.self) {
            try ForeignFormat(at: "/nowhere/model.onnx", name: "model.onnx")
        }
        #expect(error?.code == .unreadable)
    }
}
