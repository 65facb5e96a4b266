// Where does an app keep who is signed in? In the keychain, for this device alone.

import Foundation
import Security

/// The keychain would not read or write.
public struct KeychainTokensError: Error, Sendable {
    /// What the keychain said, as in SecBase.h.
    public let status: OSStatus
}

/// Keeps tokens in the keychain, readable after the device was unlocked once, and in no backup. One process has it: an app and its
/// extension that share a keychain group need a store of their own that takes turns.
public struct KeychainTokens: TokenStore {
    private let service: String
    private let account: String
    private let turns = Turns()

    /// - parameter service: sets apps apart that share a keychain
    /// - parameter account: sets users of one app apart
    public init(service: String, account: String = "tallystick") {
        self.service = service
        self.account = account
    }

    public func load() async throws -> Tokens {
        var query = item
        query[kSecReturnData as String] = true
        query[kSecMatchLimit as String] = kSecMatchLimitOne
        var found: CFTypeRef?
        let status = SecItemCopyMatching(query as CFDictionary, &found)
        if status == errSecItemNotFound {
            return Tokens()
        }
        guard status == errSecSuccess, let saved = found as? Data else {
            throw KeychainTokensError(status: status)
        }
        return try JSONDecoder().decode(Tokens.self, from: saved)
    }

    public func save(_ tokens: Tokens) async throws {
        let values: [String: Any] = [
            kSecValueData as String: try JSONEncoder().encode(tokens),
            kSecAttrAccessible as String: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
        ]
        var status = SecItemUpdate(item as CFDictionary, values as CFDictionary)
        if status == errSecItemNotFound {
            status = SecItemAdd(item.merging(values) { $1 } as CFDictionary, nil)
        }
        guard status == errSecSuccess else {
            throw KeychainTokensError(status: status)
        }
    }

    public func turn<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer {
        return try await turns.take(body)
    }

    private var item: [String: Any] {
        return [
            kSecClass as String: kSecClassGenericPassword,
            kSecAttrService as String: service,
            kSecAttrAccount as String: account,
        ]
    }
}
