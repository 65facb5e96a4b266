// How is a stream of answers read, such as that of verifyBook or export? As a loop that fails with a reason.

import Connect
import SwiftProtobuf

/// The answers of a stream, one by one: `for try await part in answers(of: client.exports.export(), to: request) { … }`. Leaving the
/// loop, or cancelling its task, ends the stream. What the loop has not taken yet waits in memory.
///
/// Each element is an answer; the loop throws a `TallystickError` when the stream fails, also when it breaks off before its end.
public func answers<Request: ProtobufMessage, Answer: ProtobufMessage>(
    of stream: any ServerOnlyAsyncStreamInterface<Request, Answer>, to request: Request
) -> AsyncThrowingStream<Answer, Error> {
    return AsyncThrowingStream { teller in
        let task = Task {
            do {
                try await hear(stream, request) { answer in
                    teller.yield(answer)
                    return true
                }
                teller.finish()
            } catch {
                teller.finish(throwing: error)
            }
        }
        teller.onTermination = { @Sendable _ in task.cancel() }
    }
}

/// Sends the request and gives each answer to `take`, until that says false or the stream ends.
func hear<Request: ProtobufMessage, Answer: ProtobufMessage>(
    _ stream: any ServerOnlyAsyncStreamInterface<Request, Answer>,
    _ request: Request,
    _ take: (Answer) async throws -> Bool
) async throws {
    defer { stream.cancel() }
    try stream.send(request)
    for await result in stream.results() {
        switch result {
        case .headers:
            continue
        case .message(let answer):
            guard try await take(answer) else {
                return
            }
        case .complete(let code, let error, let trailers):
            try Task.checkCancellation()
            if let failed = failure(code, error, trailers) {
                throw failed
            }
            return
        }
    }
    // Only a cancelled loop ends without the stream's last word.
    throw CancellationError()
}
