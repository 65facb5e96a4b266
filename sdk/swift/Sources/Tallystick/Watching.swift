// How does a program hear of everything, in order and once, over streams that break? It knows where its copies and the stream are.

import Connect
import Foundation
import SwiftProtobuf

/// One loop. Only the task that runs it touches it.
final class Watching {
    private let sync: Tallystick_V1_SyncServiceClient
    private let retries: Retries
    private let followAdded: Bool
    private let tell: (News) -> Void
    // Where the copies are.
    private var copies: [String: String]
    // Where the stream is in each space, as far as that is known.
    private var told: [String: String] = [:]
    // Spaces that were told of as added.
    private var announced: Set<String> = []
    // Whether the present stream has told all that had happened.
    private var hasCaughtUp = false

    init(
        sync: Tallystick_V1_SyncServiceClient,
        retries: Retries,
        cursors: [String: String],
        followAdded: Bool,
        tell: @escaping (News) -> Void
    ) {
        self.sync = sync
        self.retries = retries
        self.followAdded = followAdded
        self.tell = tell
        copies = cursors
    }

    /// Goes on until the task is cancelled, or the server refuses and would refuse again; then it throws.
    func run() async throws {
        var failed = 0
        while true {
            let began = monotonicNow()
            let patience: TimeInterval
            do {
                patience = try await follow()
                failed = 0
            } catch let error as TallystickError {
                try Task.checkCancellation()
                guard isPassing(error) else {
                    throw error
                }
                failed = monotonicNow() - began > retries.longestWait ? 1 : failed + 1
                patience = wait(after: error, failed: failed)
                tell(.interrupted(error))
            }
            try await pause(patience)
        }
    }

    /// Brings the copies up to date and watches until the stream ends in order. Says when to come back.
    private func follow() async throws -> TimeInterval {
        hasCaughtUp = false
        for space in copies.keys.sorted() where copies[space] == "" {
            _ = try await pull(space)
        }
        var request = Tallystick_V1_WatchRequest()
        request.cursors = copies.values.sorted()
        told = copies
        var again = retries.wait(after: 1)
        try await listen(sync.watch(), request) { answer in
            if case .goodbye(let goodbye)? = answer.event {
                again = goodbye.againAfter.timeInterval
                return false
            }
            try await self.take(answer)
            return true
        }
        return again
    }

    /// Hears a stream that may neither be silent for too long nor last too long. Time counts only while we listen.
    private func listen<Request: ProtobufMessage, Answer: ProtobufMessage>(
        _ stream: any ServerOnlyAsyncStreamInterface<Request, Answer>,
        _ request: Request,
        _ take: (Answer) async throws -> Bool
    ) async throws {
        let limits = Limits { stream.cancel() }
        defer { limits.lift() }
        limits.awaitWord()
        do {
            try await hear(stream, request) { answer in
                limits.wordCame()
                let goesOn = try await take(answer)
                limits.awaitWord()
                return goesOn
            }
        } catch let error as TallystickError where error.code == .canceled {
            try limits.explain()
            throw error
        }
    }

    /// Does with an event what it asks for. What a newer server may say beside is left alone.
    private func take(_ answer: Tallystick_V1_WatchResponse) async throws {
        switch answer.event {
        case .changes(let changes)?:
            try await takeChanges(changes)
        case .behind(let behind)?:
            try await takeBehind(behind)
        case .added(let added)?:
            try await takeAdded(added.spaceID)
        case .forget(let forget)?:
            self.forget(forget.spaceID)
        case .reset(let reset)?:
            // The pull finds out why, and says so.
            try await catchUp(reset.spaceID)
        case .heartbeat(let heartbeat)?:
            takeHeartbeat(heartbeat)
        default:
            break
        }
    }

    private func takeChanges(_ changes: Tallystick_V1_WatchChanges) async throws {
        let space = changes.spaceID
        guard let at = copies[space] else {
            return
        }
        let followsOn = !at.isEmpty && told[space] == at
        told[space] = changes.cursor
        guard followsOn else {
            _ = try await pull(space)
            return
        }
        copies[space] = changes.cursor
        tell(.changed(spaceID: space, cursor: changes.cursor, changes: changes.changes))
    }

    private func takeBehind(_ behind: Tallystick_V1_WatchBehind) async throws {
        let space = behind.spaceID
        guard copies[space] != nil else {
            return
        }
        told[space] = nil
        let head = try await pull(space, atLeast: behind.head)
        if head == behind.head {
            told[space] = copies[space]
        }
    }

    private func takeAdded(_ space: String) async throws {
        if copies[space] == nil, !announced.contains(space) {
            announced.insert(space)
            if followAdded {
                copies[space] = ""
            }
            tell(.added(spaceID: space))
        }
        try await catchUp(space)
    }

    /// Learns where the stream is.
    private func takeHeartbeat(_ heartbeat: Tallystick_V1_WatchHeartbeat) {
        let known = Set(heartbeat.cursors)
        for (space, at) in copies where known.contains(at) {
            told[space] = at
        }
        if !hasCaughtUp {
            hasCaughtUp = true
            tell(.upToDate)
        }
    }

    /// Pulls a space of which it is not known where the stream is.
    private func catchUp(_ space: String) async throws {
        if copies[space] != nil {
            told[space] = nil
            _ = try await pull(space)
        }
    }

    /// Tells all that happened in a space since the copy, and says how far that is.
    private func pull(_ space: String, atLeast: Int64 = 0) async throws -> Int64 {
        var request = Tallystick_V1_PullRequest()
        request.spaceID = space
        request.cursor = copies[space] ?? ""
        request.minVersion = atLeast
        var head: Int64 = 0
        do {
            try await listen(sync.pull(), request) { page in
                head = page.head
                self.takePage(space, page)
                return true
            }
        } catch let error as TallystickError where error.code == .notFound {
            forget(space)
        }
        return head
    }

    private func takePage(_ space: String, _ page: Tallystick_V1_PullResponse) {
        if page.reset != .unspecified {
            tell(.reset(spaceID: space, reason: page.reset))
        }
        if page.cursor != copies[space] {
            copies[space] = page.cursor
            tell(.changed(spaceID: space, cursor: page.cursor, changes: page.changes))
        }
    }

    private func forget(_ space: String) {
        told[space] = nil
        announced.remove(space)
        if copies.removeValue(forKey: space) != nil {
            tell(.forgotten(spaceID: space))
        }
    }

    private func wait(after error: TallystickError, failed: Int) -> TimeInterval {
        if let said = error.retryAfter {
            return said + retries.wait(after: 1)
        }
        return retries.wait(after: failed)
    }

    /// Whether another stream may do better. A token that stops working while the stream lasts is renewed for the next.
    private func isPassing(_ error: TallystickError) -> Bool {
        if error.reason == invalidToken {
            return hasCaughtUp
        }
        switch error.code {
        case .unavailable, .deadlineExceeded, .resourceExhausted, .aborted, .internalError:
            return true
        case .unknown:
            // No server of ours said it: the system took the connection away, and connect-swift has no code for how.
            return error.reason.isEmpty
        default:
            return false
        }
    }
}
