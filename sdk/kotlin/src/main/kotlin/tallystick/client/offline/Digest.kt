/** Does a copy hold what the space holds? Two numbers tell, computed from the rows themselves. */
package tallystick.client.offline

import java.nio.ByteBuffer
import java.security.MessageDigest
import java.util.UUID

/** How many entities are not deleted, and the sum of their hashes modulo 2 to the power of 64. */
internal data class Digest(val liveCount: Long, val sum: Long)

private const val ID_AND_VERSION_BYTES = 24

/** Of all that is not deleted. Null when there are kinds that this version cannot name. */
internal fun digestOf(rows: List<EntityRow>): Digest? {
    val live = rows.filterNot { it.deleted }
    if (live.any { isUnknown(it.kind) }) return null
    val sha = MessageDigest.getInstance("SHA-256")
    return Digest(live.size.toLong(), live.fold(0L) { total, row -> total + hash(sha, row) })
}

private fun hash(sha: MessageDigest, row: EntityRow): Long {
    val name = "${row.kind}\u0000".toByteArray()
    val id = UUID.fromString(row.id)
    val bytes = ByteBuffer.allocate(name.size + ID_AND_VERSION_BYTES).put(name)
    bytes.putLong(id.mostSignificantBits).putLong(id.leastSignificantBits).putLong(row.version)
    return ByteBuffer.wrap(sha.digest(bytes.array())).long
}
