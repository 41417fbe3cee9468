import Digests
import Foundation
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    /// The examples of FIPS 180-4 and of its long message test.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func publishedDigests(text: String, digest: String) {
        #expect(SHA256.hexadecimal(of: text) == digest)
    }

    @Test func piecesAndFilesAreTheWhole() throws {
        let million = Data(repeating: UInt8(ascii: "a"), count: 1_000_000)
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(SHA256.hexadecimal(of: million) == expected)
        // More than one piece of a file's reading, and an odd rest.
        let long = million + million + Data([7])
        let path = NSTemporaryDirectory() + "digest-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try long.write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        let found = try SHA256.hexadecimal(of: file)
        #expect(found.digest == SHA256.hexadecimal(of: long) && found.bytes == 2_000_001)
    }
}
