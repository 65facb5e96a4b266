/** Does a listener hear of everything, whatever becomes of the streams? */
package tallystick.client

import com.google.protobuf.ByteString
import com.google.protobuf.Duration
import io.grpc.Status.Code
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import tallystick.v1.Change
import tallystick.v1.RefreshSessionResponse
import tallystick.v1.ResetReason
import tallystick.v1.SessionTokens
import tallystick.v1.WatchAdded
import tallystick.v1.WatchBehind
import tallystick.v1.WatchChanges
import tallystick.v1.WatchForget
import tallystick.v1.WatchGoodbye
import tallystick.v1.WatchHeartbeat
import tallystick.v1.WatchRequest
import tallystick.v1.WatchReset
import tallystick.v1.WatchResponse

private const val BOOK = "01900000-0000-7000-8000-000000000001"
private const val TRIP = "01900000-0000-7000-8000-000000000002"

private fun event(write: WatchResponse.Builder.() -> Unit): WatchResponse = WatchResponse.newBuilder().apply(write).build()

private val HEARTBEAT = event { setHeartbeat(WatchHeartbeat.newBuilder().addCursors("c1")) }

private fun changes(cursor: String) = event {
    setChanges(WatchChanges.newBuilder().setSpaceId(BOOK).setCursor(cursor).addChanges(Change.newBuilder().setVersion(7)))
}

private fun goodbye(afterMs: Int) = event {
    setGoodbye(WatchGoodbye.newBuilder().setAgainAfter(Duration.newBuilder().setNanos(afterMs * 1_000_000)))
}

private val REFUSED = fail(Code.UNAUTHENTICATED, "INVALID_TOKEN")

@OptIn(ExperimentalCoroutinesApi::class)
class WatchingTest {
    private fun test(vararg steps: Step, story: suspend TestScope.(Scripted) -> Unit) = runTest { Scripted(*steps).use { story(it) } }

    private fun asked(server: Scripted): List<List<String>> =
        server.asked.filter { it.method == "Watch" }.map { WatchRequest.parseFrom(it.request).cursorsList }

    @Test
    fun `it tells what happens and where`() {
        val all = listOf(
            HEARTBEAT,
            changes("c2"),
            event { setBehind(WatchBehind.newBuilder().setSpaceId(BOOK).setHead(9)) },
            event { setAdded(WatchAdded.newBuilder().setSpaceId(TRIP)) },
            event { setForget(WatchForget.newBuilder().setSpaceId(TRIP)) },
            event { setReset(WatchReset.newBuilder().setSpaceId(BOOK).setReason(ResetReason.RESET_REASON_AHEAD)) },
        )
        test(hang(*all.toTypedArray())) { server ->
            val told = server.client(this).watch().take(all.size).toList().map {
                when (it) {
                    is News.Live -> "live"
                    is News.Changed -> "${it.spaceId} is at ${it.cursor} by ${it.changes.single().version}"
                    is News.Behind -> "${it.spaceId} is behind ${it.head}"
                    is News.Added -> "${it.spaceId} is new"
                    is News.Forgotten -> "${it.spaceId} is gone"
                    is News.Reset -> "${it.spaceId} begins anew: ${it.reason}"
                    is News.Away -> "away"
                }
            }
            val expected = listOf(
                "live", "$BOOK is at c2 by 7", "$BOOK is behind 9", "$TRIP is new", "$TRIP is gone",
                "$BOOK begins anew: RESET_REASON_AHEAD",
            )
            assertEquals(expected, told)
            // Whoever stops listening ends the call.
            assertEquals(1, server.cancelled)
        }
    }

    @Test
    fun `the next stream goes on where the app is, when the server says`() =
        test(answer(HEARTBEAT, changes("c2"), changes("c3"), goodbye(800)), hang(changes("c4"))) { server ->
            var cursor = "c1"
            server.client(this).watch { listOf(cursor) }.first {
                if (it is News.Changed) cursor = it.cursor
                cursor == "c4"
            }
            assertEquals(listOf(listOf("c1"), listOf("c3")), asked(server))
            assertEquals(800, currentTime)
        }

    @Test
    fun `a lost stream is told, and tried again after ever longer waits`() {
        val lost = Array(5) { fail(Code.UNAVAILABLE) }
        test(*lost, hang(HEARTBEAT)) { server ->
            val told = server.client(this).watch().take(6).toList()
            assertEquals(5, told.count { it is News.Away })
            assertEquals(News.Live, told.last())
            assertTrue(currentTime in 1..3_100, "$currentTime")
        }
    }

    @Test
    fun `a server that drains says when to come back`() =
        test(fail(Code.UNAVAILABLE, "SHUTTING_DOWN", retryAfterMs = 4_000, after = listOf(HEARTBEAT)), hang(HEARTBEAT)) { server ->
            val told = server.client(this).watch().take(3).toList()
            assertEquals("SHUTTING_DOWN", (told[1] as News.Away).error.reason)
            assertTrue(currentTime >= 4_000, "$currentTime")
        }

    @Test
    fun `a stream that is silent is dead`() = test(hang(HEARTBEAT), hang(HEARTBEAT)) { server ->
        val told = server.client(this).watch(45.seconds) { emptyList() }.take(3).toList()
        assertTrue((told[1] as News.Away).error is Unavailable)
        assertTrue(currentTime in 45_000..45_100, "$currentTime")
    }

    @Test
    fun `a token that ends in the middle is exchanged without a word`() {
        val fresh = RefreshSessionResponse.newBuilder()
            .setTokens(SessionTokens.newBuilder().setAccessToken("a2").setRefreshToken("r2")).build()
        val cut = fail(Code.UNAUTHENTICATED, "INVALID_TOKEN", after = listOf(HEARTBEAT))
        test(cut, REFUSED, answer(fresh), hang(changes("c2"))) { server ->
            val store = MemoryTokens(Tokens("a1", Long.MAX_VALUE, "r1"))
            val told = server.client(this, store).watch { listOf("c1") }.take(2).toList()
            assertTrue(told[1] is News.Changed)
            assertEquals(listOf("a1", "a1", "", "a2"), server.tokens)
        }
    }

    @Test
    fun `what no further try mends ends it`() {
        val ended = fail(Code.UNAUTHENTICATED, "INVALID_REFRESH_TOKEN")
        test(REFUSED, ended) { server ->
            val client = server.client(this, MemoryTokens(Tokens("a1", Long.MAX_VALUE, "r1")))
            assertEquals("INVALID_REFRESH_TOKEN", assertFailsWith<Unauthenticated> { client.watch().first() }.reason)
        }
        test(fail(Code.INVALID_ARGUMENT, "INVALID_CURSOR")) { server ->
            assertEquals("INVALID_CURSOR", assertFailsWith<InvalidArgument> { server.client(this).watch { listOf("?") }.first() }.reason)
        }
    }

    @Test
    fun `too many streams is no reason to give up`() = test(fail(Code.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS"), hang(HEARTBEAT)) { server ->
        val told = server.client(this).watch().take(2).toList()
        assertEquals("TOO_MANY_STREAMS", (told[0] as News.Away).error.reason)
    }

    @Test
    fun `what only a newer app understands is passed over`() {
        val unknown = WatchResponse.parseFrom(ByteString.fromHex("9a0603616263"))
        test(hang(unknown, changes("c2"))) { server ->
            assertTrue(server.client(this).watch().first() is News.Changed)
        }
    }

    @Test
    fun `a failure of the listener is the listener's`() = test(hang(HEARTBEAT)) { server ->
        assertFailsWith<IllegalStateException> { server.client(this).watch().collect { error("no") } }
        assertEquals(1, server.asked.size)
    }
}
