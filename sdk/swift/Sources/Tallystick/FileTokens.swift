// How do several programs share who is signed in? By a file that only its owner reads, and a lock beside it.

import Foundation

private let lockPoll: TimeInterval = 0.02

/// The system would not read, write or lock the file.
public struct FileTokensError: Error, Sendable {
    public let path: String
    /// What the system said, as in errno.h.
    public let code: Int32
}

/// Keeps tokens in a file that only its owner reads. Processes may share it, also with programs in Python and Go. In an app,
/// `KeychainTokens` is the better place.
public struct FileTokens: TokenStore {
    private let path: String

    public init(_ path: String) {
        self.path = path
    }

    public func load() async throws -> Tokens {
        do {
            return try JSONDecoder().decode(Tokens.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            return Tokens()
        }
    }

    /// Writes beside the file, and then in its place: a crash leaves the old tokens or the new ones.
    public func save(_ tokens: Tokens) async throws {
        let beside = path + "." + newID()
        do {
            try put(JSONEncoder().encode(tokens), in: beside)
            guard rename(beside, path) == 0 else {
                throw failed()
            }
        } catch {
            unlink(beside)
            throw error
        }
    }

    /// Holds a lock on a file beside. The file stays: who removed it would take the lock away from whoever waits for it. The system
    /// releases the lock whatever becomes of its holder.
    public func turn<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer {
        let file = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw failed()
        }
        defer { close(file) }
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw failed()
            }
            try await pause(lockPoll)
        }
        return try await body()
    }

    private func put(_ bytes: Data, in beside: String) throws {
        let file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw failed()
        }
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress! + written, bytes.count - written) }
            guard count > 0 else {
                throw failed()
            }
            written += count
        }
        guard fsync(file) == 0 else {
            throw failed()
        }
    }

    private func failed() -> FileTokensError {
        return FileTokensError(path: path, code: errno)
    }
}
