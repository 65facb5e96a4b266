// What may a program that watches want to know?

/// Something that happened in the user's spaces, or to the stream that tells it.
public enum News: Sendable {
    /// Changes happened in a space. A copy that takes them, in order, is at the cursor. Keep that with the copy: the next `watch` goes on
    /// from there.
    case changed(spaceID: String, cursor: String, changes: [Tallystick_V1_Change])
    /// The copy cannot go on from where it was. Throw it away: all that is in the space follows as `changed`.
    case reset(spaceID: String, reason: Tallystick_V1_ResetReason)
    /// The user is in a space that is not among the cursors. With `followAdded` all that is in it comes next.
    case added(spaceID: String)
    /// The user is not in the space any more. Others' data goes.
    case forgotten(spaceID: String)
    /// All that had happened is told. Comes once after each beginning, and after each interruption.
    case upToDate
    /// The stream was lost, for this. The loop goes on by itself.
    case interrupted(TallystickError)
}

extension TallystickClient {
    /// Tells what happens in the user's spaces, as it happens, until the task is cancelled or the loop is left. For each space that is
    /// followed the changes come in order and without gaps, whatever becomes of the stream: it begins anew after every interruption, where
    /// it was. What a loop has not taken yet waits in memory.
    ///
    /// The loop throws when the server refuses and would refuse again.
    ///
    /// - parameter cursors: the spaces to follow, by their ids: where the copy of each is, or "" for all that is in it, and then what
    ///   happens
    /// - parameter followAdded: follow spaces that the user comes into, and those that are not among the cursors, from their beginnings
    public func watch(_ cursors: [String: String], followAdded: Bool = false) -> AsyncThrowingStream<News, Error> {
        let sync = self.sync
        let retries = self.retries
        return AsyncThrowingStream { teller in
            let task = Task {
                let watching = Watching(sync: sync, retries: retries, cursors: cursors, followAdded: followAdded) { teller.yield($0) }
                do {
                    try await watching.run()
                } catch {
                    teller.finish(throwing: error)
                }
            }
            teller.onTermination = { @Sendable _ in task.cancel() }
        }
    }
}
