// How is money read, written, added and divided without ever being a floating point number? In whole minor units.

import Foundation

/// What is no amount, or none that fits.
public enum MoneyError: Error, Equatable, Sendable {
    /// Not a code of three capitals, as ISO 4217 has them.
    case notACurrency(String)
    /// Not a decimal number with a point.
    case notANumber(String)
    /// More decimals than the currency has.
    case tooManyDecimals(String)
    /// Amounts of several currencies.
    case mixedCurrencies
    /// A weight below zero, or none above.
    case badWeights
    /// More than 64 bits hold.
    case outOfRange
}

private let usualExponent = 2
private let otherExponents: [Int: String] = [
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
]

/// How many decimals a currency's smallest unit has, by ISO 4217.
public func exponent(of currency: String) throws -> Int {
    let letters = Array(currency.utf8)
    guard letters.count == 3, letters.allSatisfy({ $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") }) else {
        throw MoneyError.notACurrency(currency)
    }
    for (decimals, codes) in otherExponents where codes.contains(currency) {
        return decimals
    }
    return usualExponent
}

/// Reads a decimal number with a point, such as "12.3". More decimals than the currency has are an error, never rounded.
public func parseMoney(_ decimal: String, _ currency: String) throws -> Tallystick_V1_Money {
    let decimals = try exponent(of: currency)
    var rest = Array(decimal.utf8)
    var sign = ""
    if rest.first == UInt8(ascii: "-") {
        sign = "-"
        rest.removeFirst()
    }
    let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else {
        throw MoneyError.notANumber(decimal)
    }
    let fraction = parts.count == 2 ? Array(parts[1]) : []
    guard fraction.count <= decimals else {
        throw MoneyError.tooManyDecimals(decimal)
    }
    let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: decimals - fraction.count)
    let digits = String(decoding: Array(parts[0]) + fraction + zeros, as: UTF8.self)
    guard let minor = Int64(sign + digits) else {
        throw MoneyError.outOfRange
    }
    return money(minor, currency)
}

private func isDigit(_ byte: UInt8) -> Bool {
    return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

/// The exact sum of amounts of one currency.
public func addMoney(_ first: Tallystick_V1_Money, _ others: Tallystick_V1_Money...) throws -> Tallystick_V1_Money {
    return try addMoney([first] + others)
}

/// The exact sum of amounts of one currency, of which there is at least one.
public func addMoney(_ amounts: [Tallystick_V1_Money]) throws -> Tallystick_V1_Money {
    guard let first = amounts.first, amounts.allSatisfy({ $0.currency == first.currency }) else {
        throw MoneyError.mixedCurrencies
    }
    // In 128 bits: what goes beyond 64 in between may come back, and only the sum has to fit.
    var high: Int64 = 0
    var low: UInt64 = 0
    for amount in amounts {
        let (sum, carries) = low.addingReportingOverflow(UInt64(bitPattern: amount.minor))
        low = sum
        high += (amount.minor < 0 ? -1 : 0) + (carries ? 1 : 0)
    }
    let sum = Int64(bitPattern: low)
    guard high == (sum < 0 ? -1 : 0) else {
        throw MoneyError.outOfRange
    }
    return money(sum, first.currency)
}

extension Tallystick_V1_Money {
    /// The amount as a decimal number without its currency: "-12.30" for -1230 cents.
    public func decimal() throws -> String {
        let decimals = try exponent(of: currency)
        let size = String(minor.magnitude)
        let digits = String(repeating: "0", count: max(decimals + 1 - size.count, 0)) + size
        let sign = minor < 0 ? "-" : ""
        if decimals == 0 {
            return sign + digits
        }
        return sign + String(digits.dropLast(decimals)) + "." + String(digits.suffix(decimals))
    }

    /// Divides an amount in proportion to whole weights, to the last cent: the parts add up to it.
    ///
    /// Each part is rounded towards zero, and the units that are left go to the parts that lost most by it; of those that lost the same,
    /// to the first. A negative amount is divided as the positive one. The weights together must fit in 64 bits.
    public func allocate(_ weights: [Int64]) throws -> [Tallystick_V1_Money] {
        let total = try sum(of: weights)
        let size = minor.magnitude
        let divided = weights.map { total.dividingFullWidth(size.multipliedFullWidth(by: UInt64($0))) }
        var parts = divided.map { $0.quotient }
        let left = Int(size - parts.reduce(0, +))
        let byLoss = weights.indices.sorted { one, other in
            let (lostOne, lostOther) = (divided[one].remainder, divided[other].remainder)
            return lostOne == lostOther ? one < other : lostOne > lostOther
        }
        for index in byLoss.prefix(left) {
            parts[index] += 1
        }
        return parts.map { money(Int64(bitPattern: minor < 0 ? 0 &- $0 : $0), currency) }
    }
}

private func sum(of weights: [Int64]) throws -> UInt64 {
    var total: UInt64 = 0
    for weight in weights {
        guard weight >= 0 else {
            throw MoneyError.badWeights
        }
        let (sum, isTooMuch) = total.addingReportingOverflow(UInt64(weight))
        guard !isTooMuch else {
            throw MoneyError.outOfRange
        }
        total = sum
    }
    guard total > 0 else {
        throw MoneyError.badWeights
    }
    return total
}

private func money(_ minor: Int64, _ currency: String) -> Tallystick_V1_Money {
    var made = Tallystick_V1_Money()
    made.minor = minor
    made.currency = currency
    return made
}
