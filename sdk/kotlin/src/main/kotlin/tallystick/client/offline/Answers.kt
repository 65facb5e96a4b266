/** What does a book answer with? */
package tallystick.client.offline

import tallystick.v1.Account
import tallystick.v1.Money
import tallystick.v1.Mutation
import tallystick.v1.Rejection
import tallystick.v1.Replaced

/** What a command was called, and what it is about. */
public class Done internal constructor(
    public val requestId: String,
    /** The ids of what it makes or changes, as far as it names them. */
    public val ids: List<String>,
)

/** A mutation that was refused. */
public class Refused internal constructor(
    public val requestId: String,
    public val mutation: Mutation,
    /** Null when it was not tried, because of another. */
    public val rejection: Rejection?,
    /** The request id of that other. Empty when there is none. */
    public val blockedBy: String,
)

/** Unsent work of a space that the user lost. */
public class Draft internal constructor(
    /** The number to put it back or discard it by. */
    public val position: Long,
    public val mutation: Mutation,
)

/** What others had written where a mutation of this device took its place. */
public class Overwritten internal constructor(
    /** The number to forget it by. */
    public val position: Long,
    public val requestId: String,
    public val replaced: Replaced,
)

/** What an account holds. */
public class Balance internal constructor(public val account: Account, public val balance: Money)

/** Whether the copy is what the space holds. */
public enum class Verdict {
    SAME,

    /** The copy differed, and was made anew. */
    MISMATCH,

    /** One of the two has moved on, so they cannot be compared. */
    ELSEWHERE,

    /** The copy holds what this version cannot name. */
    UNKNOWN,
}
