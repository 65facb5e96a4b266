/** When is a call made again? When nobody answered, or when the server says when: the very same message, after a random wait. */
package tallystick.client

import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import kotlinx.coroutines.delay

private const val LONGEST_SHIFT = 30

/** How patient a client is. All tries of a call together take no longer than its timeout. */
public class Retries(
    /** How often a call is tried in all. 1: never again. */
    public val tries: Int = 6,
    /** The limit of the first wait. It doubles with every try. */
    public val firstWait: Duration = 100.milliseconds,
    /** No limit is longer. */
    public val longestWait: Duration = 5.seconds,
) {
    /** How long to wait after so many tries: anything up to a limit that doubles, so that those who failed together come back apart. */
    internal fun waitAfter(tried: Int): Duration =
        minOf(longestWait, firstWait * (1 shl (tried - 1).coerceAtMost(LONGEST_SHIFT))) * Random.nextDouble()

    /** Makes the attempt until it succeeds or there is no sense in another. It is told how much time is left. */
    internal suspend fun <T> run(timeout: Duration, clock: TimeSource, attempt: suspend (left: Duration) -> T): T {
        val began = clock.markNow()
        var tried = 0
        while (true) {
            tried += 1
            val wait =
                try {
                    return attempt((timeout - began.elapsedNow()).coerceAtLeast(Duration.ZERO))
                } catch (failed: TallystickException) {
                    waitAfter(failed, tried)?.takeIf { began.elapsedNow() + it < timeout } ?: throw failed
                }
            delay(wait)
        }
    }

    private fun waitAfter(failed: TallystickException, tried: Int): Duration? {
        if (tried >= tries || (failed !is Unavailable && failed !is ResourceExhausted)) return null
        // A little more than was asked for: all who were sent away together were told the same.
        failed.retryAfter?.let { return it + waitAfter(1) }
        return if (failed is Unavailable) waitAfter(tried) else null
    }
}
