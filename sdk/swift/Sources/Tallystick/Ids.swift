// How are ids made, also offline? As UUIDs of version 7: those made later sort later, to the millisecond.

import Foundation

/// A new id, for entities and for `requestID`.
public func newID() -> String {
    return newID(atMilliseconds: UInt64(max(Date().timeIntervalSince1970, 0) * 1000))
}

func newID(atMilliseconds milliseconds: UInt64) -> String {
    var random = SystemRandomNumberGenerator()
    var bytes = [UInt8]()
    for shift in [40, 32, 24, 16, 8, 0] as [UInt64] {
        bytes.append(UInt8(truncatingIfNeeded: milliseconds >> shift))
    }
    for _ in 0 ..< 10 {
        bytes.append(UInt8.random(in: 0 ... 255, using: &random))
    }
    bytes[6] = bytes[6] & 0x0f | 0x70
    bytes[8] = bytes[8] & 0x3f | 0x80
    var text = ""
    for (index, byte) in bytes.enumerated() {
        if [4, 6, 8, 10].contains(index) {
            text += "-"
        }
        let digits = String(byte, radix: 16)
        text += digits.count == 1 ? "0" + digits : digits
    }
    return text
}
