// Who calls? Whoever signed in, with a token that is renewed before and when it stops working, once for all who ask.

import Connect
import Foundation

// A token that is this near to its end is renewed before it is used.
private let marginSeconds: Int64 = 30

actor Session {
    private let store: any TokenStore
    private let auth: Tallystick_V1_AuthServiceClient
    private let retries: Retries
    private let timeout: TimeInterval

    private var tokens = Tokens()
    private var renewAt: Int64 = 0
    private var isLoaded = false
    // The renewals that are under way, by the token that they replace.
    private var flights: [String: Task<String, Error>] = [:]

    /// - parameter auth: makes the session's own calls, which it signs and repeats itself: renewing a token must not need one that works
    init(store: any TokenStore, auth: Tallystick_V1_AuthServiceClient, retries: Retries, timeout: TimeInterval) {
        self.store = store
        self.auth = auth
        self.retries = retries
        self.timeout = timeout
    }

    func current() async throws -> Tokens {
        try await loadOnce()
        return tokens
    }

    func signIn(email: String, password: String, deviceName: String) async throws -> Tallystick_V1_LoginResponse {
        return try await store.turn {
            try await self.signInInTurn(email: email, password: password, deviceName: deviceName)
        }
    }

    private func signInInTurn(email: String, password: String, deviceName: String) async throws -> Tallystick_V1_LoginResponse {
        let known = try await store.load()
        var asked = Tallystick_V1_LoginRequest()
        asked.requestID = newID()
        asked.email = email
        asked.password = password
        asked.deviceName = deviceName
        asked.deviceToken = known.deviceToken
        let request = asked
        let auth = self.auth
        let answer = try await retries.run(within: timeout) { try await auth.login(request: request).answer() }
        var kept = Tokens()
        kept.userID = answer.user.id
        kept.deviceToken = answer.deviceToken.isEmpty ? known.deviceToken : answer.deviceToken
        try await keep(kept.with(answer.tokens))
        return answer
    }

    /// When the server cannot be told, it fails and forgets nothing.
    func signOut() async throws {
        try await store.turn { try await self.signOutInTurn() }
    }

    private func signOutInTurn() async throws {
        let known = try await store.load()
        if !known.accessToken.isEmpty {
            var asked = Tallystick_V1_LogoutRequest()
            asked.requestID = newID()
            let request = asked
            let auth = self.auth
            let signed = Headers().signed(with: known.accessToken)
            do {
                _ = try await retries.run(within: timeout) { try await auth.logout(request: request, headers: signed).answer() }
            } catch let error as TallystickError where error.code == .unauthenticated {
                // It has ended before.
            }
        }
        try await keep(known.signedOut())
    }

    /// The token to call with; empty for nobody.
    func accessToken() async throws -> String {
        try await loadOnce()
        let token = tokens.accessToken
        if tokens.refreshToken.isEmpty || secondsNow() < renewAt {
            return token
        }
        do {
            return try await refresh(rejected: token)
        } catch let error as TallystickError where error.code == .unavailable || error.code == .deadlineExceeded {
            // The old one may still do.
            return token
        }
    }

    /// Waits for another token than the one that does not work any more. All tasks and processes that ask get the same. A renewal goes on
    /// when those who wait for it give up: an answer that nobody reads would end the session.
    func refresh(rejected: String) async throws -> String {
        try await loadOnce()
        if tokens.accessToken != rejected, !tokens.accessToken.isEmpty {
            return tokens.accessToken
        }
        if let under = flights[rejected] {
            return try await under.value
        }
        let flight = Task { try await self.fly(rejected) }
        flights[rejected] = flight
        return try await flight.value
    }

    private func fly(_ rejected: String) async throws -> String {
        defer { flights[rejected] = nil }
        return try await store.turn { try await self.renew(rejected) }
    }

    private func renew(_ rejected: String) async throws -> String {
        let saved = try await store.load()
        if saved.accessToken != rejected, !saved.accessToken.isEmpty {
            adoptFresh(saved)
            return saved.accessToken
        }
        guard !saved.refreshToken.isEmpty else {
            throw notSignedIn()
        }
        return try await exchange(saved)
    }

    private func exchange(_ saved: Tokens) async throws -> String {
        var known = saved
        if known.refreshRequestID.isEmpty {
            // Kept before it is sent: the answer may be lost with this process.
            known.refreshRequestID = newID()
            try await store.save(known)
        }
        var asked = Tallystick_V1_RefreshSessionRequest()
        asked.requestID = known.refreshRequestID
        asked.refreshToken = known.refreshToken
        let request = asked
        let auth = self.auth
        do {
            let answer = try await retries.run(within: timeout) { try await auth.refreshSession(request: request).answer() }
            let fresh = known.with(answer.tokens)
            try await keep(fresh)
            return fresh.accessToken
        } catch let error as TallystickError where hasEnded(error) {
            try await keep(known.signedOut())
            throw error
        }
    }

    private func loadOnce() async throws {
        if isLoaded {
            return
        }
        let saved = try await store.load()
        // Somebody may have been quicker, and signed in meanwhile.
        if !isLoaded {
            adopt(saved)
        }
    }

    private func keep(_ fresh: Tokens) async throws {
        try await store.save(fresh)
        adoptFresh(fresh)
    }

    private func adopt(_ known: Tokens) {
        tokens = known
        renewAt = known.accessExpiresAt - marginSeconds
        isLoaded = true
    }

    /// Takes tokens that have just been made. By a clock that is far ahead they have expired already: then only the server's word counts.
    private func adoptFresh(_ fresh: Tokens) {
        adopt(fresh)
        if renewAt <= secondsNow() {
            renewAt = Int64.max
        }
    }
}

/// Whether the session is over, or the answer came too late to be asked for again. Only a server of ours knows.
private func hasEnded(_ error: TallystickError) -> Bool {
    return !error.reason.isEmpty && (error.code == .unauthenticated || error.code == .failedPrecondition)
}

private func secondsNow() -> Int64 {
    return Int64(Date().timeIntervalSince1970)
}
