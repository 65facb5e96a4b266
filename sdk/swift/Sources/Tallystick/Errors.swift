// What does a call fail with? With a code, and a reason that programs branch on.

import Connect
import Foundation
import SwiftProtobuf

let invalidToken = "INVALID_TOKEN"
private let domain = "tallystick"

/// A call that failed. Branch on its code and its reason: messages may change.
public struct TallystickError: Error, Sendable, CustomStringConvertible {
    /// A field that breaks the contract.
    public struct FieldViolation: Equatable, Sendable {
        /// The path of the field in the request, such as "amount.minor".
        public let field: String
        /// The rule it breaks, such as "string.uuid".
        public let rule: String
        /// What is wrong, for developers.
        public let description: String
    }

    /// The family of failures.
    public let code: Code
    /// Why, as `ErrorReason` of the contract names it without its prefix: "NOT_FOUND". Empty when no server of ours said it, such as for
    /// a lost connection.
    public let reason: String
    /// What is wrong, for developers.
    public let message: String
    /// Facts beside the reason.
    public let metadata: [String: String]
    /// Which fields break the contract, when some do.
    public let violations: [FieldViolation]
    /// How many seconds to wait before the next try. Nil: the server does not say.
    public let retryAfter: TimeInterval?

    /// Whether the same call, with the same request id, may succeed later: nobody knows yet whether it happened.
    public var mayRepeat: Bool {
        return code == .unavailable || code == .deadlineExceeded || retryAfter != nil
    }

    public var description: String {
        return (reason.isEmpty ? code.name : reason) + ": " + message
    }

    init(code: Code, reason: String = "", message: String) {
        self.code = code
        self.reason = reason
        self.message = message
        metadata = [:]
        violations = []
        retryAfter = nil
    }

    /// Reads a failed call.
    init(_ error: ConnectError) {
        if let known = error.exception as? TallystickError {
            self = known
            return
        }
        let infos: [Google_Rpc_ErrorInfo] = error.unpackedDetails()
        let requests: [Google_Rpc_BadRequest] = error.unpackedDetails()
        let retries: [Google_Rpc_RetryInfo] = error.unpackedDetails()
        let info = infos.first { $0.domain == domain }
        code = isLostConnection(error) ? .unavailable : error.code
        reason = info?.reason ?? ""
        message = error.message ?? ""
        metadata = info?.metadata ?? [:]
        violations = requests.flatMap { $0.fieldViolations }.map {
            FieldViolation(field: $0.field, rule: $0.reason, description: $0.description_p)
        }
        retryAfter = retries.first.map { $0.retryDelay.timeInterval }
    }

    /// Reads what else may end a call: the task that was cancelled, or something on this side, such as tokens that cannot be kept.
    init(of error: Error) {
        if let known = error as? TallystickError {
            self = known
        } else if let failed = error as? ConnectError {
            self.init(failed)
        } else if error is CancellationError {
            self.init(code: .canceled, message: "The task was cancelled.")
        } else {
            self.init(code: .failedPrecondition, message: String(describing: error))
        }
    }
}

/// When the system takes a connection away, as iOS does from an app in the background, connect-swift knows no code for it.
private func isLostConnection(_ error: ConnectError) -> Bool {
    guard error.code == .unknown, let exception = error.exception else {
        return false
    }
    return (exception as NSError).domain == NSPOSIXErrorDomain
}

/// What the server would say to whoever calls without a token.
func notSignedIn() -> TallystickError {
    return TallystickError(code: .unauthenticated, reason: "NOT_SIGNED_IN", message: "Nobody is signed in.")
}

/// Why a stream has ended. Nil: it was told to its end. One that breaks off ends without the trailer that says so.
func failure(_ code: Code, _ error: Error?, _ trailers: Trailers?) -> TallystickError? {
    if let known = error, known is TallystickError || known is ConnectError {
        return TallystickError(of: known)
    }
    if let other = error {
        // Bytes that are none of grpc-web's.
        return TallystickError(code: code == .ok ? .unknown : code, message: String(describing: other))
    }
    if code != .ok {
        return TallystickError(code: code, message: "The stream ended with \(code.name).")
    }
    if trailers?["grpc-status"] == nil {
        return TallystickError(code: .unavailable, message: "The stream broke off.")
    }
    return nil
}

extension ResponseMessage {
    /// The answer of a call.
    ///
    /// - throws: a `TallystickError` when the call failed
    public func answer() throws -> Output {
        switch result {
        case .success(let answer):
            return answer
        case .failure(let error):
            throw TallystickError(error)
        }
    }

    init(failure error: Error) {
        let known = TallystickError(of: error)
        self.init(
            code: known.code,
            headers: [:],
            result: .failure(ConnectError(code: known.code, message: known.message, exception: known, details: [], metadata: [:])),
            trailers: [:]
        )
    }
}
