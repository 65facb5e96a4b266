// How does a stream carry the caller's token? It is opened once there is one, and once more when the server refuses that.

import Connect
import Foundation
import SwiftProtobuf

/// A stream of answers. Unchecked: the lock holds what changes.
final class SignedStream<Input: ProtobufMessage, Output: ProtobufMessage>: ServerOnlyAsyncStreamInterface, @unchecked Sendable {
    private let wire: any ProtocolClientInterface
    private let session: Session
    private let path: String
    private let headers: Headers
    private let told: AsyncStream<StreamResult<Output>>
    private let teller: AsyncStream<StreamResult<Output>>.Continuation
    private let lock = NSLock()
    private var running: Task<Void, Never>?

    init(wire: any ProtocolClientInterface, session: Session, path: String, headers: Headers) {
        self.wire = wire
        self.session = session
        self.path = path
        self.headers = headers
        var teller: AsyncStream<StreamResult<Output>>.Continuation!
        told = AsyncStream { teller = $0 }
        self.teller = teller
    }

    func send(_ input: Input) throws {
        let task = Task { await self.run(input) }
        keep(task)
        teller.onTermination = { @Sendable _ in task.cancel() }
    }

    func results() -> AsyncStream<StreamResult<Output>> {
        return told
    }

    func cancel() {
        lock.lock()
        let task = running
        lock.unlock()
        task?.cancel()
        end(TallystickError(code: .canceled, message: "The stream was cancelled."))
    }

    private func keep(_ task: Task<Void, Never>) {
        lock.lock()
        running = task
        lock.unlock()
    }

    private func run(_ input: Input) async {
        do {
            if headers.isSignedOtherwise(path) {
                _ = try await forward(headers, input, mayBeRefused: false)
            } else {
                let token = try await session.accessToken()
                let isRefused = try await forward(headers.signed(with: token), input, mayBeRefused: !token.isEmpty)
                if isRefused {
                    let fresh = try await session.refresh(rejected: token)
                    _ = try await forward(headers.signed(with: fresh), input, mayBeRefused: false)
                }
            }
            teller.finish()
        } catch {
            end(error)
        }
    }

    /// Opens the stream and passes on what it says. True: it was refused for its token before it said anything, and nothing is passed on.
    private func forward(_ signed: Headers, _ input: Input, mayBeRefused: Bool) async throws -> Bool {
        let opened: any ServerOnlyAsyncStreamInterface<Input, Output> = wire.serverOnlyStream(path: path, headers: signed)
        // However it ends: one that the server has ended is not there to be cancelled any more.
        defer { opened.cancel() }
        try opened.send(input)
        var hasBegun = false
        for await result in opened.results() {
            switch result {
            case .headers:
                break
            case .message:
                hasBegun = true
            case .complete(let code, let error, let trailers):
                if mayBeRefused, !hasBegun, failure(code, error, trailers)?.reason == invalidToken {
                    return true
                }
            }
            teller.yield(result)
        }
        try Task.checkCancellation()
        return false
    }

    private func end(_ error: Error) {
        let known = TallystickError(of: error)
        teller.yield(.complete(code: known.code, error: known, trailers: nil))
        teller.finish()
    }
}
