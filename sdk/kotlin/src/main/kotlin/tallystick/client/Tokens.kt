/** Where does an app keep who is signed in? In a store of its choice: what is saved there survives the next crash. */
package tallystick.client

import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/** Who is signed in. Secret but for the ids. */
public data class Tokens(
    /** Sent with every call. */
    public val accessToken: String = "",
    /** When it stops working, in seconds since 1970. */
    public val accessExpiresAt: Long = 0,
    /** Exchanged for the next pair; each works once. */
    public val refreshToken: String = "",
    /** The exchange that is under way: a repeat with the same id gets the same answer, another one looks like theft. */
    public val refreshRequestId: String = "",
    public val sessionId: String = "",
    public val userId: String = "",
    /** Shows a later sign-in that this device is known. It outlives the session. */
    public val deviceToken: String = "",
) {
    override fun toString(): String = "Tokens(sessionId=$sessionId, userId=$userId)"
}

/** What an app may implement itself, for example over Android's Keystore. */
public interface TokenStore {
    /** What was saved last; `Tokens()` at first. */
    public suspend fun load(): Tokens

    /** Returns when they would survive a crash: they are used only after that. */
    public suspend fun save(tokens: Tokens)

    /** Inside the block nobody else who shares the store refreshes. */
    public suspend fun <T> turn(block: suspend () -> T): T
}

/** Keeps tokens as long as the process lives. Also for access keys: `MemoryTokens(Tokens(accessToken = secret))`. */
public class MemoryTokens(@Volatile private var tokens: Tokens = Tokens()) : TokenStore {
    private val mutex = Mutex()

    override suspend fun load(): Tokens = tokens

    override suspend fun save(tokens: Tokens) {
        this.tokens = tokens
    }

    override suspend fun <T> turn(block: suspend () -> T): T = mutex.withLock { block() }
}
