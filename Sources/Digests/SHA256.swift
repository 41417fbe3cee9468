import CCrypto
package import Foundation

/// SHA-256 of bytes that come in pieces, computed by OpenSSL.
///
/// - Reference: NIST FIPS 180-4.
package struct SHA256: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        else { preconditionFailure("libcrypto has no SHA-256") }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds the next bytes.
    package func update(_ data: Data) {
        data.withUnsafeBytes { bytes in
            precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1)
        }
    }

    /// The digest's 32 bytes; nothing can be added afterwards.
    package consuming func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, filled in
            precondition(EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1)
            filled = 32
        }
    }

    /// The digest of `data`, 32 bytes.
    package static func bytes(of data: Data) -> [UInt8] {
        let hash = SHA256()
        hash.update(data)
        return hash.finish()
    }

    /// The digest of `data` in lowercase hexadecimal.
    package static func hexadecimal(of data: Data) -> String { hexadecimal(bytes(of: data)) }

    /// The digest of a text's UTF-8 in lowercase hexadecimal.
    package static func hexadecimal(of text: String) -> String {
        hexadecimal(of: Data(text.utf8))
    }

    /// The digest of an open file's bytes from where it stands, in lowercase hexadecimal, and how many they are.
    ///
    /// - Throws: What reading throws.
    package static func hexadecimal(
        of file: FileHandle
    ) throws -> (digest: String, bytes: Int64) {
        let hash = SHA256()
        var bytes: Int64 = 0
        while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty {
            hash.update(chunk)
            bytes += Int64(chunk.count)
        }
        return (hexadecimal(hash.finish()), bytes)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }
}
