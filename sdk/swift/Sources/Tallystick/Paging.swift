// How is a list read that comes page by page? As a loop.

import Connect
import SwiftProtobuf

/// The answers to a listing call, until there are no more:
///
///     let token = \Tallystick_V1_ListAccountsResponse.nextPageToken
///     let listing = Pages(request, \.pageToken, token) { try await client.ledger.listAccounts(request: $0).answer() }
///     for try await page in listing { … }
public struct Pages<Request: ProtobufMessage, Page: ProtobufMessage>: AsyncSequence {
    public typealias Element = Page

    private let request: Request
    private let pageToken: WritableKeyPath<Request, String>
    private let nextPageToken: KeyPath<Page, String>
    private let call: @Sendable (Request) async throws -> Page

    /// Messages have no common fields, so the call says where its tokens are. The request stays as it is.
    public init(
        _ request: Request,
        _ pageToken: WritableKeyPath<Request, String>,
        _ nextPageToken: KeyPath<Page, String>,
        _ call: @escaping @Sendable (Request) async throws -> Page
    ) {
        self.request = request
        self.pageToken = pageToken
        self.nextPageToken = nextPageToken
        self.call = call
    }

    public func makeAsyncIterator() -> AsyncIterator {
        return AsyncIterator(asking: request, pageToken: pageToken, nextPageToken: nextPageToken, call: call)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        // Nil: there are no more.
        fileprivate var asking: Request?
        fileprivate let pageToken: WritableKeyPath<Request, String>
        fileprivate let nextPageToken: KeyPath<Page, String>
        fileprivate let call: @Sendable (Request) async throws -> Page

        public mutating func next() async throws -> Page? {
            guard var asked = asking else {
                return nil
            }
            let page = try await call(asked)
            let token = page[keyPath: nextPageToken]
            if token.isEmpty {
                asking = nil
            } else {
                asked[keyPath: pageToken] = token
                asking = asked
            }
            return page
        }
    }
}

/// The items of a listing call. Pages are fetched as they are needed, and `items` says which of an answer's lists is meant.
public struct Each<Request: ProtobufMessage, Page: ProtobufMessage, Item>: AsyncSequence {
    public typealias Element = Item

    private let pages: Pages<Request, Page>
    private let items: KeyPath<Page, [Item]>

    public init(_ pages: Pages<Request, Page>, _ items: KeyPath<Page, [Item]>) {
        self.pages = pages
        self.items = items
    }

    public func makeAsyncIterator() -> AsyncIterator {
        return AsyncIterator(pages: pages.makeAsyncIterator(), items: items)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var pages: Pages<Request, Page>.AsyncIterator
        fileprivate let items: KeyPath<Page, [Item]>
        private var rest: ArraySlice<Item> = []

        fileprivate init(pages: Pages<Request, Page>.AsyncIterator, items: KeyPath<Page, [Item]>) {
            self.pages = pages
            self.items = items
        }

        public mutating func next() async throws -> Item? {
            while rest.isEmpty {
                guard let page = try await pages.next() else {
                    return nil
                }
                rest = page[keyPath: items][...]
            }
            return rest.removeFirst()
        }
    }
}
