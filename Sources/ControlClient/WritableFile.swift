import ControlProtocol
import Foundation
import Glibc
import NIOCore

/// Where a reply is written for the caller: a file that appears under its name when it is complete, or whatever else
/// stands there.
///
/// A link is followed and stays. A file that is replaced keeps its mode and, where that is allowed, its owner. Devices
/// and pipes are written into and never replaced; `-` is standard output.
final class WritableFile: Sendable {
    private let descriptor: Int32
    private let path: String
    /// What becomes the file at the end, and its name then; nil where bytes go straight to their place.
    private let move: (temporary: String, target: String)?

    init(path: String) throws {
        self.path = path
        guard path != "-" else {
            descriptor = dup(STDOUT_FILENO)
            move = nil
            guard descriptor >= 0 else { throw WritableFile.failure(path, errno) }
            return
        }
        let target = try WritableFile.followed(path)
        var status = stat()
        let isThere = stat(target, &status) == 0
        if isThere, status.st_mode & S_IFMT != S_IFREG {
            guard status.st_mode & S_IFMT != S_IFDIR else {
                throw ControlError("file.not_writable", "\(path) is a folder")
            }
            move = nil
            descriptor = open(target, O_WRONLY | O_CLOEXEC | O_NOCTTY)
            guard descriptor >= 0 else { throw WritableFile.failure(path, errno) }
            return
        }
        let temporary = "\(target).part-\(UUID().uuidString.prefix(8))"
        move = (temporary, target)
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw WritableFile.failure(path, errno) }
        guard isThere else { return }
        // Only root may give files away: for others the owner is the same, or becomes theirs.
        _ = fchown(descriptor, status.st_uid, status.st_gid)
        _ = fchmod(descriptor, status.st_mode & 0o777)
    }

    deinit {
        close(descriptor)
        if let move { unlink(move.temporary) }
    }

    func write(_ buffer: ByteBuffer) throws {
        try buffer.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Glibc.write(descriptor, part.baseAddress, part.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw WritableFile.failure(path, errno) }
                rest = rest.dropFirst(count)
            }
        }
    }

    func commit() throws {
        guard let move else { return }
        guard fsync(descriptor) == 0, rename(move.temporary, move.target) == 0 else {
            throw WritableFile.failure(path, errno)
        }
    }

    /// What a path stands for behind links, whether it is there or not.
    private static func followed(_ path: String) throws -> String {
        var path = path
        for _ in 0..<40 {
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
            var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(path, &buffer, buffer.count)
            guard count > 0, count < buffer.count else { throw failure(path, errno) }
            let goal = String(decoding: buffer.prefix(count), as: UTF8.self)
            path =
                goal.hasPrefix("/")
                ? goal : NSString(string: path).deletingLastPathComponent + "/" + goal
        }
        throw failure(path, ELOOP)
    }

    private static func failure(_ path: String, _ number: Int32) -> ControlError {
        ControlError(
            number == ENOSPC ? "disk.full" : "file.not_writable",
            "\(path): \(String(cString: strerror(number)))")
    }
}
