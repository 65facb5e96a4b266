/** What is called after something else, such as things of a home? Devices that make one apart make the same. */
package tallystick.client.offline

import java.nio.ByteBuffer
import java.security.MessageDigest
import java.util.UUID
import tallystick.client.bytesOf
import tallystick.client.isId
import tallystick.v1.BookThing

private const val VERSION_MASK = 0xF000L
private const val VERSION = 0x5000L
private const val VARIANT_MASK = 3L shl 62
private const val VARIANT = 1L shl 63

internal fun notificationPreferencesId(homeId: String): String = idFollowing(homeId, "notification preferences")

internal fun displayId(homeId: String, thing: BookThing): String =
    idFollowing(homeId, "display ${thing.bookId.lowercase()} ${thing.thingId.lowercase()}")

internal fun clientValueId(homeId: String, key: String): String = idFollowing(homeId, "client_value $key")

/** What follows from an id and a name: RFC 9562, version 5. */
internal fun idFollowing(space: String, name: String): String {
    refuseIf(!isId(space)) { "nothing follows from what is no id" }
    val hash = ByteBuffer.wrap(MessageDigest.getInstance("SHA-1").digest(bytesOf(space) + name.toByteArray()))
    val high = hash.long and VERSION_MASK.inv() or VERSION
    return UUID(high, hash.long and VARIANT_MASK.inv() or VARIANT).toString()
}
