// Are ids and the bytes of messages the same as in all SDKs?

import SwiftProtobuf
import XCTest

@testable import Tallystick

private struct WireVectors: Decodable {
    struct UnknownEntity: Decodable {
        let change: String
    }

    struct UUID7: Decodable {
        struct Time: Decodable {
            let unixMs: String
            let firstTwelveDigits: String
        }

        let pattern: String
        let times: [Time]
    }

    let unknownEntity: UnknownEntity
    let uuid7: UUID7
}

final class WireTests: XCTestCase {
    func testIdsBeginWithTheTime() throws {
        let said = try readVectors(WireVectors.self, "wire").uuid7
        for time in said.times {
            let id = newID(atMilliseconds: UInt64(time.unixMs) ?? 0)
            XCTAssertNotNil(id.range(of: said.pattern, options: .regularExpression), id)
            XCTAssertTrue(id.replacingOccurrences(of: "-", with: "").hasPrefix(time.firstTwelveDigits), id)
        }
        XCTAssertEqual(Set((0 ..< 1000).map { _ in newID() }).count, 1000)
    }

    func testTheWireIsWhatTheVectorsSay() throws {
        let messages = try listed("wire", "messages")
        XCTAssertFalse(messages.isEmpty)
        for item in messages {
            let said = try JSONSerialization.data(withJSONObject: XCTUnwrap(item["json"]))
            let wire = bytes(ofHex: try XCTUnwrap(item["hex"] as? String))
            switch item["message"] as? String {
            case "tallystick.v1.Mutation":
                try compare(Tallystick_V1_Mutation.self, said, wire)
            case "tallystick.v1.Change":
                try compare(Tallystick_V1_Change.self, said, wire)
            case "tallystick.v1.PullResponse":
                try compare(Tallystick_V1_PullResponse.self, said, wire)
            default:
                XCTFail("A message that this test does not know: \(item["message"] ?? "")")
            }
        }
    }

    func testEveryKindOfEntityLosesNothing() throws {
        for item in try listed("entities", "entities") {
            let said = try JSONSerialization.data(withJSONObject: XCTUnwrap(item["json"]))
            try compare(Tallystick_V1_Entity.self, said, bytes(ofHex: XCTUnwrap(item["hex"] as? String)))
        }
    }

    func testWhatANewerServerSendsIsKept() throws {
        let wire = bytes(ofHex: try readVectors(WireVectors.self, "wire").unknownEntity.change)
        let change = try Tallystick_V1_Change(serializedBytes: wire)
        XCTAssertNil(change.entity.kind)
        let written: Data = try change.serializedBytes()
        XCTAssertEqual(written, wire)
    }

    private func listed(_ file: String, _ name: String) throws -> [[String: Any]] {
        let said = try JSONSerialization.jsonObject(with: vectorBytes(file)) as? [String: Any]
        return try XCTUnwrap(said?[name] as? [[String: Any]])
    }

    private func compare<Kind: Message & Equatable>(_ kind: Kind.Type, _ said: Data, _ wire: Data) throws {
        let read = try Kind(serializedBytes: wire)
        let composed = try Kind(jsonUTF8Data: said)
        XCTAssertEqual(read, composed)
        let written: Data = try read.serializedBytes()
        XCTAssertEqual(written, wire)
    }
}
