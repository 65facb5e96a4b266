// Are calls repeated where that is safe, and do they fail with reasons?

import Connect
import SwiftProtobuf
import XCTest

@testable import Tallystick

final class CallsTests: XCTestCase {
    private func newBook() -> Tallystick_V1_CreateBookRequest {
        var request = Tallystick_V1_CreateBookRequest()
        request.requestID = newID()
        request.name = "Home"
        request.baseCurrency = "EUR"
        return request
    }

    func testTheVeryMessageIsRepeatedUntilSomebodyAnswers() async throws {
        let server = Scripted { _, before in
            try before < 2 ? Told.failure(.unavailable) : Told.answer(Tallystick_V1_CreateBookResponse())
        }
        _ = try await clientOf(server).ledger.createBook(request: newBook()).answer()
        let asked = server.asked("LedgerService/CreateBook")
        XCTAssertEqual(asked.count, 3)
        XCTAssertEqual(Set(asked.map { $0.body }).count, 1)
    }

    func testWhatIsRefusedIsNotRepeated() async throws {
        let server = Scripted { _, _ in try Told.failure(.notFound, "NOT_FOUND") }
        let client = try clientOf(server)
        let request = newBook()
        let failed = await failureOf { _ = try await client.ledger.createBook(request: request).answer() }
        XCTAssertEqual(failed?.code, .notFound)
        XCTAssertEqual(failed?.reason, "NOT_FOUND")
        XCTAssertEqual(server.asked("LedgerService/CreateBook").count, 1)
    }

    func testAFailureSaysWhichFieldsAndUntilWhen() async throws {
        let server = Scripted { _, _ in
            var violation = Google_Rpc_BadRequest.FieldViolation()
            violation.field = "booked_on"
            violation.reason = "date"
            var request = Google_Rpc_BadRequest()
            request.fieldViolations = [violation]
            var again = Google_Rpc_RetryInfo()
            again.retryDelay = Google_Protobuf_Duration(seconds: 7)
            return try Told.failure(.invalidArgument, "INVALID", [request, again])
        }
        let client = try clientOf(server)
        let request = newBook()
        let failed = await failureOf { _ = try await client.ledger.createBook(request: request).answer() }
        XCTAssertEqual(failed?.violations, [TallystickError.FieldViolation(field: "booked_on", rule: "date", description: "")])
        XCTAssertEqual(failed?.retryAfter, 7)
    }

    func testACallEndsInTime() async throws {
        let server = Scripted { _, _ in
            var again = Google_Rpc_RetryInfo()
            again.retryDelay = Google_Protobuf_Duration(seconds: 3600)
            return try Told.failure(.unavailable, "BUSY", [again])
        }
        let client = try clientOf(server)
        let request = newBook()
        let failed = await failureOf { _ = try await client.ledger.createBook(request: request).answer() }
        XCTAssertEqual(failed?.reason, "BUSY")
        XCTAssertEqual(server.asked("LedgerService/CreateBook").count, 1)
    }

    func testPagesFollowOneAnother() async throws {
        let server = Scripted { _, before in
            var page = Tallystick_V1_ListAccountsResponse()
            page.accounts = [Tallystick_V1_Account()]
            page.nextPageToken = before < 2 ? "next" : ""
            return try Told.answer(page)
        }
        let client = try clientOf(server)
        let token = \Tallystick_V1_ListAccountsResponse.nextPageToken
        let listing = Pages(Tallystick_V1_ListAccountsRequest(), \.pageToken, token) {
            try await client.ledger.listAccounts(request: $0).answer()
        }
        var count = 0
        for try await _ in Each(listing, \Tallystick_V1_ListAccountsResponse.accounts) {
            count += 1
        }
        XCTAssertEqual(count, 3)
    }

    func testAnAddressBeyondThisMachineIsEncrypted() {
        XCTAssertThrowsError(try TallystickClient("http://tallystick.example"))
        XCTAssertThrowsError(try TallystickClient("tallystick.example"))
        XCTAssertNoThrow(try TallystickClient("https://tallystick.example"))
        XCTAssertNoThrow(try TallystickClient("http://tallystick.example", Options(plaintext: true)))
    }

    func testAStreamThatIsLostIsGoneOnWith() async throws {
        let server = Scripted { asked, before in
            if asked.method == "SyncService/Pull" {
                var page = Tallystick_V1_PullResponse()
                page.cursor = "c1"
                page.atHead = true
                return try Told.answers([page])
            }
            var heartbeat = Tallystick_V1_WatchResponse()
            heartbeat.heartbeat.cursors = ["c1"]
            var news = Tallystick_V1_WatchResponse()
            news.changes.spaceID = "space"
            news.changes.cursor = "c2"
            return try before == 0 ? Told.broken([heartbeat]) : Told.answers([heartbeat, news])
        }
        var heard: [String] = []
        for try await news in try clientOf(server).watch(["space": ""]) {
            switch news {
            case .changed(_, let cursor, _): heard.append(cursor)
            case .upToDate: heard.append("up to date")
            case .interrupted: heard.append("interrupted")
            default: heard.append("other")
            }
            if heard.last == "c2" {
                break
            }
        }
        XCTAssertEqual(heard, ["c1", "up to date", "interrupted", "up to date", "c2"])
        let again = try Tallystick_V1_WatchRequest(serializedBytes: server.asked("SyncService/Watch")[1].body)
        XCTAssertEqual(again.cursors, ["c1"])
    }
}
