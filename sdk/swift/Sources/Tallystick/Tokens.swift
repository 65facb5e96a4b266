// Who is signed in, and where is that kept?

import Foundation

/// Who is signed in. Secret but for the ids.
public struct Tokens: Codable, Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Sent with every call.
    public var accessToken = ""
    /// When it stops working, in seconds since 1970.
    public var accessExpiresAt: Int64 = 0
    /// Exchanged for the next pair; each works once.
    public var refreshToken = ""
    /// The exchange that is under way: a repeat with the same id gets the same answer, another one looks like theft.
    public var refreshRequestID = ""
    public var sessionID = ""
    public var userID = ""
    /// Shows a later sign-in that this device is known. It outlives the session.
    public var deviceToken = ""

    /// Nobody, or a program with an access key.
    public init(accessToken: String = "") {
        self.accessToken = accessToken
    }

    /// Tokens that do not say something say nothing of it: who wrote them may not have known it yet.
    public init(from decoder: Swift.Decoder) throws {
        let saved = try decoder.container(keyedBy: CodingKeys.self)
        accessToken = try saved.decodeIfPresent(String.self, forKey: .accessToken) ?? ""
        accessExpiresAt = try saved.decodeIfPresent(Int64.self, forKey: .accessExpiresAt) ?? 0
        refreshToken = try saved.decodeIfPresent(String.self, forKey: .refreshToken) ?? ""
        refreshRequestID = try saved.decodeIfPresent(String.self, forKey: .refreshRequestID) ?? ""
        sessionID = try saved.decodeIfPresent(String.self, forKey: .sessionID) ?? ""
        userID = try saved.decodeIfPresent(String.self, forKey: .userID) ?? ""
        deviceToken = try saved.decodeIfPresent(String.self, forKey: .deviceToken) ?? ""
    }

    // The file is the same for all SDKs.
    private enum CodingKeys: String, CodingKey {
        case accessToken = "access_token"
        case accessExpiresAt = "access_expires_at"
        case refreshToken = "refresh_token"
        case refreshRequestID = "refresh_request_id"
        case sessionID = "session_id"
        case userID = "user_id"
        case deviceToken = "device_token"
    }

    /// Keeps secrets out of logs.
    public var description: String {
        return "tallystick tokens of user \(userID), session \(sessionID)"
    }

    public var debugDescription: String {
        return description
    }

    public var customMirror: Mirror {
        return Mirror(self, children: ["userID": userID, "sessionID": sessionID])
    }

    /// What is left when a session ends: the device stays known.
    func signedOut() -> Tokens {
        var kept = Tokens()
        kept.deviceToken = deviceToken
        return kept
    }

    func with(_ fresh: Tallystick_V1_SessionTokens) -> Tokens {
        var renewed = Tokens(accessToken: fresh.accessToken)
        renewed.accessExpiresAt = fresh.accessExpiresAt.seconds
        renewed.refreshToken = fresh.refreshToken
        renewed.sessionID = fresh.sessionID
        renewed.userID = userID
        renewed.deviceToken = deviceToken
        return renewed
    }
}

/// Where tokens are kept. An app may bring a place of its own.
public protocol TokenStore: Sendable {
    /// What was saved last; `Tokens()` at first.
    func load() async throws -> Tokens
    /// Returns when they would survive a crash: they are used only after that.
    func save(_ tokens: Tokens) async throws
    /// Does something once nobody else who shares the store signs in or refreshes, and nobody does until it is done.
    func turn<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer
}

/// Keeps tokens as long as the program runs. Also for access keys: `MemoryTokens(Tokens(accessToken: key))`.
public actor MemoryTokens: TokenStore {
    private var held: Tokens
    private let turns = Turns()

    public init(_ tokens: Tokens = Tokens()) {
        held = tokens
    }

    public func load() async throws -> Tokens {
        return held
    }

    public func save(_ tokens: Tokens) async throws {
        held = tokens
    }

    public func turn<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer {
        return try await turns.take(body)
    }
}

/// One after the other, in the order of asking.
actor Turns {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer {
        if isTaken {
            await withCheckedContinuation { waiting.append($0) }
        }
        isTaken = true
        defer { pass() }
        return try await body()
    }

    /// Whoever waits longest is next. It stays taken meanwhile, so that nobody comes in between.
    private func pass() {
        if waiting.isEmpty {
            isTaken = false
        } else {
            waiting.removeFirst().resume()
        }
    }
}
