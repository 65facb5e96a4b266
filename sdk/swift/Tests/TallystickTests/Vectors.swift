// Where is what all SDKs agree on? In sdk/vectors, beside this package.

import Foundation

func readVectors<Said: Decodable>(_ kind: Said.Type, _ name: String) throws -> Said {
    return try JSONDecoder().decode(kind, from: vectorBytes(name))
}

func vectorBytes(_ name: String) throws -> Data {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try Data(contentsOf: package.deletingLastPathComponent().appendingPathComponent("vectors/\(name).json"))
}

func bytes(ofHex text: String) -> Data {
    let digits = Array(text)
    return Data(stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(String(digits[$0 ... $0 + 1]), radix: 16) ?? 0 })
}
