// What is the same for every call? It carries the caller's token, ends in time, is repeated where that is safe, and fails with a reason.

import Connect
import Foundation
import SwiftProtobuf

private let authorization = "authorization"

extension Dictionary where Key == String, Value == [String] {
    func signed(with token: String) -> Headers {
        var headers = self
        if !token.isEmpty {
            headers[authorization] = ["Bearer " + token]
        }
        return headers
    }

    /// Some calls need no token, and some bring one.
    func isSignedOtherwise(_ path: String) -> Bool {
        let method = path.hasPrefix("/") ? String(path.dropFirst()) : path
        return publicCalls.contains(method) || keys.contains { $0.lowercased() == authorization }
    }
}

/// What the stubs call with.
final class Calls: ProtocolClientInterface, Sendable {
    private let wire: any ProtocolClientInterface
    private let session: Session
    private let retries: Retries
    private let timeout: TimeInterval

    init(wire: any ProtocolClientInterface, session: Session, retries: Retries, timeout: TimeInterval) {
        self.wire = wire
        self.session = session
        self.retries = retries
        self.timeout = timeout
    }

    /// Calls with the very same message each time, and so the same request id: however often it arrives, it is done once.
    @available(iOS 13, *)
    func unary<Input: ProtobufMessage, Output: ProtobufMessage>(
        path: String, idempotencyLevel: IdempotencyLevel, request: Input, headers: Headers
    ) async -> ResponseMessage<Output> {
        do {
            return try await retries.run(within: timeout) {
                let response: ResponseMessage<Output> = try await self.signed(
                    path: path, idempotencyLevel: idempotencyLevel, request: request, headers: headers
                )
                if let error = response.error {
                    throw TallystickError(error)
                }
                return response
            }
        } catch {
            return ResponseMessage<Output>(failure: error)
        }
    }

    private func signed<Input: ProtobufMessage, Output: ProtobufMessage>(
        path: String, idempotencyLevel: IdempotencyLevel, request: Input, headers: Headers
    ) async throws -> ResponseMessage<Output> {
        if headers.isSignedOtherwise(path) {
            return await wire.unary(path: path, idempotencyLevel: idempotencyLevel, request: request, headers: headers)
        }
        let token = try await session.accessToken()
        let first: ResponseMessage<Output> = await wire.unary(
            path: path, idempotencyLevel: idempotencyLevel, request: request, headers: headers.signed(with: token)
        )
        guard !token.isEmpty, let error = first.error, TallystickError(error).reason == invalidToken else {
            return first
        }
        let fresh = try await session.refresh(rejected: token)
        return await wire.unary(
            path: path, idempotencyLevel: idempotencyLevel, request: request, headers: headers.signed(with: fresh)
        )
    }

    /// A stream has no time limit of ours, and is repeated only by whoever knows where to go on from.
    @available(iOS 13, *)
    func serverOnlyStream<Input: ProtobufMessage, Output: ProtobufMessage>(
        path: String, headers: Headers
    ) -> any ServerOnlyAsyncStreamInterface<Input, Output> {
        return SignedStream<Input, Output>(wire: wire, session: session, path: path, headers: headers)
    }

    // The contract's generated methods are the two above. What follows is there because connect-swift asks for it, and is left as it is:
    // callbacks are not generated, and a browser's protocol, which this is, has no streams of requests.

    @discardableResult
    func unary<Input: ProtobufMessage, Output: ProtobufMessage>(
        path: String, idempotencyLevel: IdempotencyLevel, request: Input, headers: Headers,
        completion: @escaping @Sendable (ResponseMessage<Output>) -> Void
    ) -> Cancelable {
        return wire.unary(
            path: path, idempotencyLevel: idempotencyLevel, request: request, headers: headers, completion: completion
        )
    }

    func bidirectionalStream<Input: ProtobufMessage, Output: ProtobufMessage>(
        path: String, headers: Headers, onResult: @escaping @Sendable (StreamResult<Output>) -> Void
    ) -> any BidirectionalStreamInterface<Input> {
        return wire.bidirectionalStream(path: path, headers: headers, onResult: onResult)
    }

    func clientOnlyStream<Input: ProtobufMessage, Output: ProtobufMessage>(
        path: String, headers: Headers, onResult: @escaping @Sendable (StreamResult<Output>) -> Void
    ) -> any ClientOnlyStreamInterface<Input> {
        return wire.clientOnlyStream(path: path, headers: headers, onResult: onResult)
    }

    func serverOnlyStream<Input: ProtobufMessage, Output: ProtobufMessage>(
        path: String, headers: Headers, onResult: @escaping @Sendable (StreamResult<Output>) -> Void
    ) -> any ServerOnlyStreamInterface<Input> {
        return wire.serverOnlyStream(path: path, headers: headers, onResult: onResult)
    }

    @available(iOS 13, *)
    func bidirectionalStream<Input: ProtobufMessage, Output: ProtobufMessage>(
        path: String, headers: Headers
    ) -> any BidirectionalAsyncStreamInterface<Input, Output> {
        return wire.bidirectionalStream(path: path, headers: headers)
    }

    @available(iOS 13, *)
    func clientOnlyStream<Input: ProtobufMessage, Output: ProtobufMessage>(
        path: String, headers: Headers
    ) -> any ClientOnlyAsyncStreamInterface<Input, Output> {
        return wire.clientOnlyStream(path: path, headers: headers)
    }
}
