// How patient is a client? It calls again when nobody answered, or when the server says when: the very same message, after a random wait.

import Connect
import Foundation

/// How often a call is repeated. All tries together take no longer than the call may.
public struct Retries: Sendable {
    /// How often at most. One: no repeats.
    public var tries: Int
    /// The limit of the first wait, in seconds; it doubles with each.
    public var firstWait: TimeInterval
    /// The limit of any wait but those that the server asks for.
    public var longestWait: TimeInterval

    public init(tries: Int = 6, firstWait: TimeInterval = 0.1, longestWait: TimeInterval = 5) {
        self.tries = tries
        self.firstWait = firstWait
        self.longestWait = longestWait
    }

    /// Anything up to a limit that doubles, so that those who failed together come back apart.
    func wait(after tried: Int) -> TimeInterval {
        var limit = firstWait
        var doubled = 1
        while doubled < tried, limit < longestWait {
            limit *= 2
            doubled += 1
        }
        return TimeInterval.random(in: 0 ... min(limit, longestWait))
    }

    /// Makes the attempt until it succeeds or there is no sense in another.
    func run<Answer: Sendable>(
        within seconds: TimeInterval, _ attempt: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let ends = monotonicNow() + seconds
        var tried = 0
        while true {
            tried += 1
            do {
                return try await before(ends, attempt)
            } catch let error as TallystickError {
                guard let patience = wait(after: error, tried: tried), monotonicNow() + patience < ends else {
                    throw error
                }
                try await pause(patience)
            }
        }
    }

    private func wait(after error: TallystickError, tried: Int) -> TimeInterval? {
        guard tried < tries, error.code == .unavailable || error.code == .resourceExhausted else {
            return nil
        }
        if let said = error.retryAfter {
            // A little more than was asked for: all who were sent away together were told the same.
            return said + wait(after: 1)
        }
        return error.code == .unavailable ? wait(after: tried) : nil
    }
}

/// Seconds by a clock that nobody sets.
func monotonicNow() -> TimeInterval {
    return ProcessInfo.processInfo.systemUptime
}

// More than a week is a mistake, and much more does not fit in nanoseconds.
private let longestPause: TimeInterval = 604_800

/// Waits, and no longer than the task lasts.
func pause(_ seconds: TimeInterval) async throws {
    try await Task.sleep(nanoseconds: UInt64(min(max(seconds, 0), longestPause) * 1_000_000_000))
}

/// The attempt, unless its time ends first: then it is cancelled.
private func before<Answer: Sendable>(
    _ ends: TimeInterval, _ attempt: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
    return try await withThrowingTaskGroup(of: Answer.self) { group in
        group.addTask { try await attempt() }
        group.addTask {
            try await pause(ends - monotonicNow())
            throw TallystickError(code: .deadlineExceeded, message: "No answer in time.")
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else {
            throw CancellationError()
        }
        return first
    }
}
