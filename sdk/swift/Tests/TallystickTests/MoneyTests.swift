// Is money exact, and the same as in all SDKs?

import XCTest

@testable import Tallystick

private struct MoneyVectors: Decodable {
    struct Parse: Decodable {
        let decimal: String
        let currency: String
        let minor: String?
        let error: Bool?
    }

    struct Format: Decodable {
        let currency: String
        let minor: String
        let decimal: String
    }

    struct Add: Decodable {
        let currency: String
        let minors: [String]
        let sum: String?
        let error: Bool?
    }

    struct Allocate: Decodable {
        let minor: String
        let weights: [Int64]
        let parts: [String]?
        let error: Bool?
    }

    let parse: [Parse]
    let format: [Format]
    let add: [Add]
    let allocate: [Allocate]
}

final class MoneyTests: XCTestCase {
    func testMoneyIsReadAsTheVectorsSay() throws {
        let said = try readVectors(MoneyVectors.self, "money").parse
        XCTAssertFalse(said.isEmpty)
        for item in said {
            let read = try? parseMoney(item.decimal, item.currency)
            XCTAssertEqual(read.map { String($0.minor) }, item.minor, item.decimal)
            XCTAssertEqual(read == nil, item.error ?? false, item.decimal)
        }
    }

    func testMoneyIsWrittenAsTheVectorsSay() throws {
        for item in try readVectors(MoneyVectors.self, "money").format {
            XCTAssertEqual(try amount(item.minor, item.currency).decimal(), item.decimal)
        }
    }

    func testMoneyAddsUpAsTheVectorsSay() throws {
        for item in try readVectors(MoneyVectors.self, "money").add {
            let sum = try? addMoney(item.minors.map { amount($0, item.currency) })
            XCTAssertEqual(sum.map { String($0.minor) }, item.sum)
        }
    }

    func testMoneyIsDividedAsTheVectorsSay() throws {
        for item in try readVectors(MoneyVectors.self, "money").allocate {
            let parts = try? amount(item.minor, "EUR").allocate(item.weights)
            XCTAssertEqual(parts.map { $0.map { String($0.minor) } }, item.parts)
        }
    }

    func testCurrenciesDoNotMix() {
        XCTAssertThrowsError(try addMoney(amount("1", "EUR"), amount("1", "USD"))) {
            XCTAssertEqual($0 as? MoneyError, .mixedCurrencies)
        }
    }

    func testTheLeastAmountIsDividedToo() throws {
        let parts = try amount(String(Int64.min), "EUR").allocate([1, 1, 1])
        XCTAssertEqual(try addMoney(parts).minor, Int64.min)
        XCTAssertEqual(try amount(String(Int64.min), "EUR").allocate([5])[0].minor, Int64.min)
    }

    func testPartsAlwaysAddUp() throws {
        for _ in 0 ..< 2000 {
            let whole = amount(String(Int64.random(in: Int64.min ... Int64.max)), "EUR")
            let weights: [Int64] = [1] + (0 ..< Int.random(in: 0 ... 7)).map { _ in Int64.random(in: 0 ... 1 << 60) }
            XCTAssertEqual(try addMoney(whole.allocate(weights)).minor, whole.minor, "\(whole.minor) by \(weights)")
        }
    }

    func testWhatIsReadIsWhatWasWritten() throws {
        for currency in ["EUR", "JPY", "KWD", "CLF"] {
            for _ in 0 ..< 500 {
                let whole = amount(String(Int64.random(in: Int64.min ... Int64.max)), currency)
                XCTAssertEqual(try parseMoney(whole.decimal(), currency), whole)
            }
        }
    }

    private func amount(_ minor: String, _ currency: String) -> Tallystick_V1_Money {
        var made = Tallystick_V1_Money()
        made.minor = Int64(minor) ?? 0
        made.currency = currency
        return made
    }
}
