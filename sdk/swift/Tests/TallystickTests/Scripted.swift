// What does a server say that does as it is told? Bytes of grpc-web, without a network.

import Connect
import Foundation
import SwiftProtobuf

@testable import Tallystick

/// What arrived.
struct Asked: Sendable {
    /// Such as "AuthService/Login".
    let method: String
    let token: String
    let body: Data
}

/// What is answered.
struct Told: Sendable {
    let wire: Data

    static func answers(_ messages: [any Message]) throws -> Told {
        return Told(wire: try saying(messages) + frame(0x80, Data("grpc-status: 0\r\n".utf8)))
    }

    static func answer(_ message: any Message) throws -> Told {
        return try answers([message])
    }

    /// A stream that breaks off after these.
    static func broken(_ messages: [any Message]) throws -> Told {
        return Told(wire: try saying(messages))
    }

    static func failure(_ code: Code, _ reason: String = "", _ details: [any Message] = []) throws -> Told {
        var all = details
        if !reason.isEmpty {
            var info = Google_Rpc_ErrorInfo()
            info.domain = "tallystick"
            info.reason = reason
            all.append(info)
        }
        var status = Data()
        for detail in all {
            let packed: Data = try Google_Protobuf_Any(message: detail).serializedBytes()
            // Field 3 of google.rpc.Status.
            status.append(0x1a)
            status.append(varint(packed.count))
            status.append(packed)
        }
        let said = "grpc-status: \(code.rawValue)\r\ngrpc-message: no\r\ngrpc-status-details-bin: \(status.base64EncodedString())\r\n"
        return Told(wire: frame(0x80, Data(said.utf8)))
    }
}

private func saying(_ messages: [any Message]) throws -> Data {
    var wire = Data()
    for message in messages {
        let body: Data = try message.serializedBytes()
        wire.append(frame(0, body))
    }
    return wire
}

private func frame(_ kind: UInt8, _ body: Data) -> Data {
    let size = UInt32(body.count)
    return Data([kind, UInt8(size >> 24 & 0xff), UInt8(size >> 16 & 0xff), UInt8(size >> 8 & 0xff), UInt8(size & 0xff)]) + body
}

private func varint(_ number: Int) -> Data {
    var rest = number
    var wire = Data()
    while rest > 0x7f {
        wire.append(UInt8(rest & 0x7f | 0x80))
        rest >>= 7
    }
    wire.append(UInt8(rest))
    return wire
}

/// Answers each request by a script, and remembers it. Unchecked: the lock holds what changes.
final class Scripted: HTTPClientInterface, @unchecked Sendable {
    private let script: @Sendable (Asked, Int) throws -> Told
    private let lock = NSLock()
    private var heard: [Asked] = []

    /// The script is told what is asked, and how often its method was asked before.
    init(_ script: @escaping @Sendable (Asked, Int) throws -> Told) {
        self.script = script
    }

    func asked(_ method: String) -> [Asked] {
        lock.lock()
        defer { lock.unlock() }
        return heard.filter { $0.method == method }
    }

    @discardableResult
    func unary(
        request: HTTPRequest<Data?>,
        onMetrics: @escaping @Sendable (HTTPMetrics) -> Void,
        onResponse: @escaping @Sendable (HTTPResponse) -> Void
    ) -> Cancelable {
        let told = reply(request, request.message ?? Data())
        DispatchQueue.global().async {
            onResponse(HTTPResponse(code: .ok, headers: [:], message: told.wire, trailers: [:], error: nil, tracingInfo: nil))
        }
        return Cancelable {}
    }

    func stream(request: HTTPRequest<Data?>, responseCallbacks: ResponseCallbacks) -> RequestCallbacks<Data> {
        return RequestCallbacks<Data>(
            cancel: {},
            sendData: { data in
                let told = self.reply(request, data)
                DispatchQueue.global().async {
                    responseCallbacks.receiveResponseHeaders([:])
                    responseCallbacks.receiveResponseData(told.wire)
                    responseCallbacks.receiveClose(.ok, [:], nil)
                }
            },
            sendClose: {}
        )
    }

    private func reply(_ request: HTTPRequest<Data?>, _ framed: Data) -> Told {
        let method = request.url.path.replacingOccurrences(of: "/tallystick.v1.", with: "")
        let token = request.headers["authorization"]?.first ?? ""
        let asked = Asked(method: method, token: token.replacingOccurrences(of: "Bearer ", with: ""), body: Data(framed.dropFirst(5)))
        lock.lock()
        let before = heard.filter { $0.method == method }.count
        heard.append(asked)
        lock.unlock()
        // A script that fails says nothing, which no client takes for an answer.
        return (try? script(asked, before)) ?? Told(wire: Data())
    }
}

func clientOf(_ server: Scripted, _ tokens: any TokenStore = MemoryTokens(), timeout: TimeInterval = 30) throws -> TallystickClient {
    let retries = Retries(tries: 6, firstWait: 0.001, longestWait: 0.01)
    return try TallystickClient(
        "http://localhost:1", Options(tokens: tokens, timeout: timeout, retries: retries, httpClient: server)
    )
}

/// What something fails with; nil if it does not.
func failureOf(_ attempt: () async throws -> Void) async -> TallystickError? {
    do {
        try await attempt()
        return nil
    } catch {
        return error as? TallystickError
    }
}

func sessionTokens(_ access: String, expiresAt: Int64) -> Tallystick_V1_SessionTokens {
    var tokens = Tallystick_V1_SessionTokens()
    tokens.accessToken = access
    tokens.refreshToken = "refresh-" + access
    tokens.sessionID = "session"
    tokens.accessExpiresAt.seconds = expiresAt
    return tokens
}
