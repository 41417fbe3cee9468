import Foundation
import Interchange
import Tensors
import Testing

@Suite struct FileFormatTests {
    private func temporary() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    // MARK: safetensors

    @Test(arguments: [ElementType.float32, .float16, .bfloat16, .float64])
    func safeTensorsComeBack(_ element: ElementType) throws {
        let folder = try temporary()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("model.safetensors")
        let tensors: [String: Tensor<Float>] = [
            "layer1.0.conv1.weight": Tensor(shape: [2, 3], values: [1, -2, 0.5, 4, 0.25, 8]),
            "b \"quoted\" ä": Tensor(shape: [], values: [3]),
            "empty": Tensor(shape: [0, 4], values: []),
        ]
        try SafeTensorsWriter.write(
            tensors, metadata: ["format": "pt", "a/b": "line\nbreak"], element: element, to: file)
        let first = try Data(contentsOf: file)
        try SafeTensorsWriter.write(
            tensors, metadata: ["format": "pt", "a/b": "line\nbreak"], element: element, to: file)
        #expect(try Data(contentsOf: file) == first)
        let read = try SafeTensorsFile(file)
        #expect(read.metadata == ["format": "pt", "a/b": "line\nbreak"])
        #expect(Set(read.entries.map(\.name)) == Set(tensors.keys))
        for (name, tensor) in tensors {
            #expect(try read.floats(name) == tensor)
            #expect(try read.doubles(name).values == tensor.values.map(Double.init))
        }
        let error = #expect(throws: InterchangeError.self) {
            try read.floats("layer1.0.conv1.wight")
        }
        #expect(error?.hint.contains("layer1.0.conv1.weight") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }

    @Test(arguments: [
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}}"#,
        #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
        #"{"a":[1,2]}"#, #"{"a":{"dtype":"F32"}}"#, "[]", "", "{",
    ])
    func safeTensorsRefuseContradictions(_ header: String) {
        let text = Data(header.utf8)
        let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
        let data = length + text + Data(count: 8)
        let error = #expect(throws: InterchangeError.self) {
            try SafeTensorsFile(data, file: "x.safetensors")
        }
        #expect(error?.file == "x.safetensors")
    }

    @Test func aFullDiskOrAMissingFolderIsSaid() throws {
        let url = URL(fileURLWithPath: "/nonexistent/folder/model.safetensors")
        let error = #expect(throws: InterchangeError.self) {
            try SafeTensorsWriter.write([:], to: url)
        }
        #expect(error?.code == .unwritable)
    }

    // MARK: NPY

    @Test(arguments: ElementType.allCases.filter { $0 != .bfloat16 })
    func numPyArraysComeBack(_ element: ElementType) throws {
        let values: [Double] = element == .bool ? [0, 1, 1, 0, 1, 0] : [0, 1, 2, 3, 100, 127]
        let array = NumPyArray(Tensor(shape: [2, 3], values: values), element: element)
        let data = NumPyFile.encode(array).reduce(Data(), +)
        #expect(data.count % 64 == element.byteCount * 6 % 64)
        #expect(try NumPyFile.read(data) == array)
        for shape in [Shape([]), [1], [0, 3], [1, 1, 1]] {
            let small = NumPyArray(Tensor(shape: shape, repeating: 1), element: element)
            #expect(try NumPyFile.read(NumPyFile.encode(small).reduce(Data(), +)) == small)
        }
    }

    @Test func numPyOrdersAreUndone() throws {
        func file(_ header: String, _ body: [UInt8], version: UInt8 = 1) -> Data {
            var data = Data([0x93]) + Data("NUMPY".utf8) + Data([version, 0])
            data.append(contentsOf: [
                UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8),
            ])
            if version > 1 { data.append(contentsOf: [0, 0]) }
            return data + Data(header.utf8) + Data(body)
        }
        let columns = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n"
        let array = try NumPyFile.read(file(columns, [1, 2, 3, 4, 5, 6]))
        #expect(array.values.values == [1, 3, 5, 2, 4, 6])
        let big = "{'shape': (2,), 'descr': '>i2', 'fortran_order': False}"
        #expect(
            try NumPyFile.read(file(big, [1, 0, 0xFF, 0xFE], version: 3)).values.values == [
                256, -2,
            ])
        for bad in [
            "{'descr': '|O', 'fortran_order': False, 'shape': (2,)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}",
            "{'descr': '|u1', 'fortran_order': Maybe, 'shape': (2,)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999, 99999999999)}",
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", "{", "",
        ] {
            #expect(throws: InterchangeError.self) { try NumPyFile.read(file(bad, [1, 2])) }
        }
    }
}
