/** How does an app name what it makes, also offline? By a UUID of version 7, whose first part is the time. */
package tallystick.client

import java.security.SecureRandom
import java.util.UUID

private const val VERSION = 0x7000L
private const val RANDOM_IN_HIGH = 0x0FFFL
private const val VARIANT = 1L shl 63
private const val RANDOM_IN_LOW = (1L shl 62) - 1
private const val TIME_SHIFT = 16

private val random = SecureRandom()

/** A new id, for entities and for `request_id`. Ids made later sort later, to the millisecond. */
public fun newId(): String = idAt(System.currentTimeMillis())

internal fun idAt(unixMs: Long): String {
    val high = (unixMs shl TIME_SHIFT) or VERSION or (random.nextLong() and RANDOM_IN_HIGH)
    return UUID(high, VARIANT or (random.nextLong() and RANDOM_IN_LOW)).toString()
}
