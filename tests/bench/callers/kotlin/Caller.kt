/** How many calls does a program in Kotlin make? Coroutines that share one client: ADDRESS TOKEN CALLERS SECONDS. */
package tallystick.caller

import java.util.concurrent.atomic.AtomicLong
import kotlin.time.DurationUnit
import kotlin.time.TimeSource
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import tallystick.client.Client
import tallystick.client.MemoryTokens
import tallystick.client.Tokens
import tallystick.v1.GetMeRequest

suspend fun main(arguments: Array<String>) {
    val (address, token, callers, seconds) = arguments
    val client = Client(address, MemoryTokens(Tokens(accessToken = token)))
    client.auth.getMe(GetMeRequest.getDefaultInstance())
    println("answered")
    val count = AtomicLong()
    val began = TimeSource.Monotonic.markNow()
    fun lasted() = began.elapsedNow().toDouble(DurationUnit.SECONDS)
    coroutineScope {
        repeat(callers.toInt()) {
            launch(Dispatchers.Default) {
                while (lasted() < seconds.toDouble()) {
                    client.auth.getMe(GetMeRequest.getDefaultInstance())
                    count.incrementAndGet()
                }
            }
        }
    }
    println(count.get() / lasted())
    client.close()
}
