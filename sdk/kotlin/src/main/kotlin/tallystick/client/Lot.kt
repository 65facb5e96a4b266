/** What does somebody draw for an expense? A hash of both ids: whoever draws the least bears the odd cent. */
package tallystick.client

import java.nio.ByteBuffer
import java.security.MessageDigest
import java.util.UUID

private val ID = Regex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
private const val ID_BYTES = 16
private const val DIGITS = "0123456789abcdef"

/** The hexadecimal digits of SHA-256 of the 16 bytes of the expense's id and the 16 bytes of the member's. */
internal fun lot(expenseId: String, memberId: String): String =
    hexOf(MessageDigest.getInstance("SHA-256").digest(bytesOf(expenseId) + bytesOf(memberId)))

/** The one way to write an id. */
internal fun canonicalId(id: String): String {
    require(isId(id)) { "not an id: $id" }
    return id.lowercase()
}

internal fun isId(text: String): Boolean = ID.matches(text.lowercase())

/** The 16 bytes that an id stands for. */
internal fun bytesOf(id: String): ByteArray {
    val uuid = UUID.fromString(canonicalId(id))
    return ByteBuffer.allocate(ID_BYTES).putLong(uuid.mostSignificantBits).putLong(uuid.leastSignificantBits).array()
}

// Shares are shown while somebody types: formatting each byte takes much longer.
internal fun hexOf(bytes: ByteArray): String =
    buildString(2 * bytes.size) {
        for (byte in bytes) append(DIGITS[byte.toInt() shr 4 and 0xF]).append(DIGITS[byte.toInt() and 0xF])
    }
