/** When is a command refused? When the server would, as far as the device can tell. */
package tallystick.client.offline

import java.math.BigInteger
import tallystick.client.requireFit

internal inline fun refuseIf(wrong: Boolean, why: () -> String) {
    if (wrong) throw Inapplicable(why())
}

/** What a command must have. */
internal fun <T : Any> needed(value: T?, what: String): T = value ?: throw Inapplicable("it needs $what")

/** What cannot be divided, converted or counted in 64 bits is refused. */
internal inline fun <T> refusingWrong(run: () -> T): T =
    try {
        run()
    } catch (wrong: IllegalArgumentException) {
        throw Inapplicable(wrong.message.orEmpty())
    } catch (wrong: ArithmeticException) {
        throw Inapplicable(wrong.message.orEmpty())
    }

internal fun fitting(minor: BigInteger): Long = refusingWrong { requireFit(minor) }

/** An amount that 64 bits can turn around. */
internal fun negated(minor: Long): Long = fitting(minor.toBigInteger().negate())

internal fun requireId(id: String): String {
    refuseIf(id.isEmpty()) { "it has no id" }
    return id.lowercase()
}

internal fun requireText(text: String): String {
    val shown = text.trim()
    refuseIf(shown.isEmpty()) { "it must not be blank" }
    return shown
}
