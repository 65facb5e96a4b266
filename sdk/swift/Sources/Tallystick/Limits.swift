// When is a stream given up? When it is silent for too long, or has lasted too long.

import Foundation

// Heartbeats come every 20 seconds: a stream that is silent for longer is dead, whatever the network says.
private let silenceMax: TimeInterval = 45
// A server ends its streams long before.
private let lifetimeMax: TimeInterval = 3600

/// Ends a stream whose time is over. Unchecked: the lock holds what changes.
final class Limits: @unchecked Sendable {
    private enum Reached {
        case silence, lifetime
    }

    private let end: @Sendable () -> Void
    private let lock = NSLock()
    private var reached: Reached?
    private var silence: Task<Void, Error>?
    private var lifetime: Task<Void, Error>?

    init(end: @escaping @Sendable () -> Void) {
        self.end = end
        let whole = Task {
            try await pause(lifetimeMax)
            self.reach(.lifetime)
        }
        lifetime = whole
    }

    /// From now on the stream must say something.
    func awaitWord() {
        let next = Task {
            try await pause(silenceMax)
            self.reach(.silence)
        }
        hold { silence = next }
    }

    /// It has, and what is done with it takes as long as it takes.
    func wordCame() {
        hold { silence?.cancel() }
    }

    func lift() {
        hold {
            silence?.cancel()
            lifetime?.cancel()
        }
    }

    /// Says why a stream was ended, if it was for this. The next stream goes on.
    func explain() throws {
        var found: Reached?
        hold { found = reached }
        switch found {
        case .silence?:
            throw TallystickError(code: .unavailable, message: "The stream has said nothing for too long.")
        case .lifetime?:
            throw TallystickError(code: .unavailable, message: "The stream has lasted too long.")
        case nil:
            break
        }
    }

    private func reach(_ limit: Reached) {
        hold { reached = limit }
        end()
    }

    private func hold(_ change: () -> Void) {
        lock.lock()
        defer { lock.unlock() }
        change()
    }
}
