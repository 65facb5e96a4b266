// Does whoever signed in stay signed in, and is a token renewed once for all who ask?

import Connect
import XCTest

@testable import Tallystick

private let farAway = Int64(Date().timeIntervalSince1970) + 3600

private func signedIn(_ access: String = "old") -> Tokens {
    return Tokens(accessToken: "").with(sessionTokens(access, expiresAt: farAway))
}

private func renewed() throws -> Told {
    var answer = Tallystick_V1_RefreshSessionResponse()
    answer.tokens = sessionTokens("new", expiresAt: farAway)
    return try Told.answer(answer)
}

final class SessionTests: XCTestCase {
    func testATokenIsRenewedOnceForAllWhoAsk() async throws {
        let server = Scripted { asked, _ in
            if asked.method == "AuthService/RefreshSession" {
                return try renewed()
            }
            return try asked.token == "new" ? Told.answer(Tallystick_V1_GetMeResponse()) : Told.failure(.unauthenticated, "INVALID_TOKEN")
        }
        let client = try clientOf(server, MemoryTokens(signedIn()))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0 ..< 10 {
                group.addTask { _ = try await client.auth.getMe(request: Tallystick_V1_GetMeRequest()).answer() }
            }
            try await group.waitForAll()
        }
        XCTAssertEqual(server.asked("AuthService/RefreshSession").count, 1)
        let kept = try await client.tokens()
        XCTAssertEqual(kept.accessToken, "new")
        XCTAssertEqual(kept.refreshRequestID, "")
    }

    func testARenewalThatGotNoAnswerIsRepeatedWithTheSameId() async throws {
        let server = Scripted { asked, before in
            if asked.method == "AuthService/RefreshSession" {
                return try before < 2 ? Told.failure(.unavailable) : renewed()
            }
            return try asked.token == "new" ? Told.answer(Tallystick_V1_GetMeResponse()) : Told.failure(.unauthenticated, "INVALID_TOKEN")
        }
        let client = try clientOf(server, MemoryTokens(signedIn()))
        _ = try await client.auth.getMe(request: Tallystick_V1_GetMeRequest()).answer()
        let asked = server.asked("AuthService/RefreshSession")
        XCTAssertEqual(asked.count, 3)
        XCTAssertEqual(Set(asked.map { $0.body }).count, 1)
    }

    func testASessionThatHasEndedIsForgotten() async throws {
        let server = Scripted { asked, _ in
            try Told.failure(.unauthenticated, asked.method == "AuthService/RefreshSession" ? "SESSION_ENDED" : "INVALID_TOKEN")
        }
        let client = try clientOf(server, MemoryTokens(signedIn()))
        let failed = await failureOf { _ = try await client.auth.getMe(request: Tallystick_V1_GetMeRequest()).answer() }
        XCTAssertEqual(failed?.reason, "SESSION_ENDED")
        let kept = try await client.tokens()
        XCTAssertEqual(kept.refreshToken, "")
    }

    func testAClockThatIsFarAheadRenewsNothingByItself() async throws {
        let server = Scripted { asked, _ in
            guard asked.method == "AuthService/Login" else {
                return try Told.answer(Tallystick_V1_GetMeResponse())
            }
            var answer = Tallystick_V1_LoginResponse()
            answer.tokens = sessionTokens("old", expiresAt: 1)
            answer.deviceToken = "device"
            return try Told.answer(answer)
        }
        let client = try clientOf(server)
        try await client.signIn(email: "ann@example.com", password: "correct horse battery", deviceName: "test")
        _ = try await client.auth.getMe(request: Tallystick_V1_GetMeRequest()).answer()
        XCTAssertEqual(server.asked("AuthService/RefreshSession").count, 0)
        XCTAssertEqual(server.asked("AuthService/GetMe").map { $0.token }, ["old"])
        XCTAssertEqual(server.asked("AuthService/Login").map { $0.token }, [""])
    }

    func testWhoeverSignsOutIsForgottenButForTheDevice() async throws {
        let server = Scripted { _, _ in try Told.answer(Tallystick_V1_LogoutResponse()) }
        var tokens = signedIn()
        tokens.deviceToken = "device"
        let client = try clientOf(server, MemoryTokens(tokens))
        try await client.signOut()
        let kept = try await client.tokens()
        var left = Tokens()
        left.deviceToken = "device"
        XCTAssertEqual(kept, left)
        XCTAssertEqual(server.asked("AuthService/Logout").map { $0.token }, ["old"])
    }

    func testFilesKeepTokensForTheirOwnerAlone() async throws {
        let path = NSTemporaryDirectory() + newID()
        defer {
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: path + ".lock")
        }
        let first = try await FileTokens(path).load()
        XCTAssertEqual(first, Tokens())
        try await FileTokens(path).turn { try await FileTokens(path).save(signedIn()) }
        let saved = try await FileTokens(path).load()
        XCTAssertEqual(saved, signedIn())
        let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        XCTAssertEqual(rights, 0o600)
    }

    func testTokensKeepTheirSecrets() {
        var shown = ""
        dump(signedIn("hush"), to: &shown)
        XCTAssertFalse((shown + "\(signedIn("hush"))" + String(reflecting: signedIn("hush"))).contains("hush"))
    }
}
