/** Does a webhook's delivery come from the server that shares the secret, and is it of now? For receivers. */
package tallystick.client

import java.security.MessageDigest
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
import kotlin.math.abs
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** How old a signature may be, or how far ahead. */
public val TOLERANCE: Duration = 300.seconds

// Others may stand beside them one day.
private val AT = Regex("t=([0-9]{1,15})")
private val HASH = Regex("v1=([0-9a-f]{64})")

// More than any server sends: whoever sends more wants us to compute.
private const val PARTS_MAX = 10
private const val ALGORITHM = "HmacSHA256"

/** Do not believe a word of it, and answer 400. */
public class SignatureInvalid(message: String) : RuntimeException(message)

/**
 * Returns if one of the secrets has signed the body, no longer ago than the tolerance, and no further ahead.
 *
 * `body` is what arrived, byte for byte: not what a framework has read and written again. `signature` is the header
 * `Tallystick-Signature`. Give both secrets while one takes over from the other. `now` is in seconds since 1970.
 *
 * @throws SignatureInvalid otherwise
 */
public fun verifyWebhook(
    body: ByteArray,
    signature: String?,
    secrets: List<String>,
    tolerance: Duration = TOLERANCE,
    now: Double = System.currentTimeMillis() / MS_PER_S,
) {
    val parts = signature.orEmpty().split(",")
    val moments = parts.mapNotNull { AT.matchEntire(it)?.groupValues?.get(1) }
    val hashes = parts.mapNotNull { HASH.matchEntire(it)?.groupValues?.get(1) }
    val moment = moments.singleOrNull()
    if (parts.size > PARTS_MAX || moment == null || hashes.isEmpty()) throw SignatureInvalid("there is no signature that can be read")
    val signed = "$moment.".toByteArray() + body
    if (secrets.filter { it.isNotEmpty() }.none { isSigned(signed, hashes, it) }) {
        throw SignatureInvalid("none of the secrets has signed it")
    }
    if (abs(now - moment.toDouble()) > tolerance.inWholeMilliseconds / MS_PER_S) {
        throw SignatureInvalid("it was signed too long ago, or too far ahead")
    }
}

private const val MS_PER_S = 1_000.0

/** Compared in constant time: how long it takes must not say how much of a guess is right. */
private fun isSigned(signed: ByteArray, hashes: List<String>, secret: String): Boolean {
    val mac = Mac.getInstance(ALGORITHM).apply { init(SecretKeySpec(secret.toByteArray(), ALGORITHM)) }
    val expected = hexOf(mac.doFinal(signed)).toByteArray()
    return hashes.any { MessageDigest.isEqual(expected, it.toByteArray()) }
}
