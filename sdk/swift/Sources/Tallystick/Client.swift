// How does a program speak with a server? By a client with a stub for each service.

import Connect
import Foundation

private let thisMachine = ["localhost", "127.0.0.1", "::1", "[::1]"]

/// How a client reaches its server. What is here without saying anything is good for most.
public struct Options: Sendable {
    /// Where the tokens of whoever signs in are kept.
    public var tokens: any TokenStore
    /// Speak without encryption to a server beyond this machine. Whoever is on the way can then act as the user.
    public var plaintext: Bool
    /// How many seconds a call may take with all its repeats. One that has to wait for a new token may take that long once more.
    public var timeout: TimeInterval
    /// How often a call is repeated: six tries within about six seconds.
    public var retries: Retries
    /// What makes the requests. An app may bring one with a URLSessionConfiguration of its own.
    public var httpClient: any HTTPClientInterface

    public init(
        tokens: any TokenStore = MemoryTokens(),
        plaintext: Bool = false,
        timeout: TimeInterval = 30,
        retries: Retries = Retries(),
        httpClient: any HTTPClientInterface = URLSessionHTTPClient()
    ) {
        self.tokens = tokens
        self.plaintext = plaintext
        self.timeout = timeout
        self.retries = retries
        self.httpClient = httpClient
    }
}

/// What is no address of a server.
public enum AddressError: Error, Equatable, Sendable {
    /// Not a URL such as https://tallystick.example.
    case notAnAddress(String)
    /// Without encryption to a server beyond this machine.
    case notEncrypted(String)
}

/// Has a stub for each service. Tasks may share it.
public final class TallystickClient: Sendable {
    /// Signing up, signing in, and what belongs to the user alone.
    public let auth: Tallystick_V1_AuthServiceClient
    /// Who shares a space, and how others come to share it.
    public let spaces: Tallystick_V1_SpaceServiceClient
    /// Books and the money in them.
    public let ledger: Tallystick_V1_LedgerServiceClient
    /// What people mean to spend.
    public let budgets: Tallystick_V1_BudgetServiceClient
    /// Groups that share expenses.
    public let groups: Tallystick_V1_GroupServiceClient
    /// What the money in a book comes to.
    public let reports: Tallystick_V1_ReportServiceClient
    /// What the user wants to see, and how.
    public let settings: Tallystick_V1_SettingsServiceClient
    /// Receipts, statements and documents.
    public let files: Tallystick_V1_FileServiceClient
    /// What the user should know of.
    public let notifications: Tallystick_V1_NotificationServiceClient
    /// Addresses that are told what happens in a space.
    public let webhooks: Tallystick_V1_WebhookServiceClient
    /// What is kept, as files.
    public let exports: Tallystick_V1_ExportServiceClient
    /// Files of banks and other programs, on their way into a book.
    public let imports: Tallystick_V1_ImportServiceClient
    /// Archives of spaces.
    public let backups: Tallystick_V1_BackupServiceClient
    /// Copies of spaces. `watch` is made of it.
    public let sync: Tallystick_V1_SyncServiceClient
    /// How the server is.
    public let status: Tallystick_V1_StatusServiceClient

    let retries: Retries
    private let session: Session

    /// A client of the server at an address such as "https://tallystick.example". It connects with the first call.
    public init(_ address: String, _ options: Options = Options()) throws {
        try check(address, options)
        let wire = ProtocolClient(
            httpClient: options.httpClient,
            config: ProtocolClientConfig(host: address, networkProtocol: .grpcWeb, codec: ProtoCodec())
        )
        session = Session(
            store: options.tokens,
            auth: Tallystick_V1_AuthServiceClient(client: wire),
            retries: options.retries,
            timeout: options.timeout
        )
        retries = options.retries
        let calls = Calls(wire: wire, session: session, retries: options.retries, timeout: options.timeout)
        auth = Tallystick_V1_AuthServiceClient(client: calls)
        spaces = Tallystick_V1_SpaceServiceClient(client: calls)
        ledger = Tallystick_V1_LedgerServiceClient(client: calls)
        budgets = Tallystick_V1_BudgetServiceClient(client: calls)
        groups = Tallystick_V1_GroupServiceClient(client: calls)
        reports = Tallystick_V1_ReportServiceClient(client: calls)
        settings = Tallystick_V1_SettingsServiceClient(client: calls)
        files = Tallystick_V1_FileServiceClient(client: calls)
        notifications = Tallystick_V1_NotificationServiceClient(client: calls)
        webhooks = Tallystick_V1_WebhookServiceClient(client: calls)
        exports = Tallystick_V1_ExportServiceClient(client: calls)
        imports = Tallystick_V1_ImportServiceClient(client: calls)
        backups = Tallystick_V1_BackupServiceClient(client: calls)
        sync = Tallystick_V1_SyncServiceClient(client: calls)
        status = Tallystick_V1_StatusServiceClient(client: calls)
    }

    /// Begins a session. Its tokens are in the token store when this returns. The device name is what the user's list of devices calls
    /// this one.
    @discardableResult
    public func signIn(email: String, password: String, deviceName: String) async throws -> Tallystick_V1_LoginResponse {
        return try await session.signIn(email: email, password: password, deviceName: deviceName)
    }

    /// Ends the session, and forgets its tokens. When the server cannot be told, it fails and forgets nothing.
    public func signOut() async throws {
        try await session.signOut()
    }

    /// Who is signed in.
    public func tokens() async throws -> Tokens {
        return try await session.current()
    }
}

private func check(_ address: String, _ options: Options) throws {
    guard let url = URL(string: address), let scheme = url.scheme?.lowercased(), let host = url.host, ["http", "https"].contains(scheme)
    else {
        throw AddressError.notAnAddress(address)
    }
    guard scheme == "https" || options.plaintext || thisMachine.contains(host) else {
        throw AddressError.notEncrypted(address)
    }
}
