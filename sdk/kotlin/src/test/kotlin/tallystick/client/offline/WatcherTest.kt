/** Do books stay up to date by themselves, whatever becomes of streams and servers? */
package tallystick.client.offline

import com.google.protobuf.Duration as DurationMessage
import io.grpc.Status
import java.io.File
import java.util.Collections
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.io.TempDir
import tallystick.client.TallystickException
import tallystick.v1.WatchAdded
import tallystick.v1.WatchBehind
import tallystick.v1.WatchForget
import tallystick.v1.WatchGoodbye
import tallystick.v1.WatchResponse

private val PATIENCE = 60.seconds

private fun event(write: WatchResponse.Builder.() -> Unit): WatchResponse = WatchResponse.newBuilder().apply(write).build()

private val GOODBYE = event { setGoodbye(WatchGoodbye.newBuilder().setAgainAfter(DurationMessage.newBuilder().setNanos(1))) }

/** As soon as it holds; never by the clock. */
private suspend fun until(holds: suspend () -> Boolean) = withTimeout(PATIENCE) { while (!holds()) delay(1) }

private class Watched(val its: Its, private val scope: CoroutineScope, silence: Duration) {
    val space = its.space
    val book = its.book
    val added: MutableList<String> = Collections.synchronizedList(mutableListOf())
    val errors: MutableList<TallystickException> = Collections.synchronizedList(mutableListOf())
    val watcher = Watcher(its.client, its.storage, added::add, errors::add, silence)
    val running = start(watcher)

    fun start(watcher: Watcher): Job {
        watcher.add(book)
        return scope.launch(Dispatchers.Default) { watcher.run() }
    }

    /** The copy is made, and a stream follows on it. */
    suspend fun untilFollowed() = until {
        watcher.state.value == WatcherState.LIVE && book.cursor() == space.cursor && space.watches >= 2 && space.watched == 1
    }
}

class WatcherTest {
    @TempDir lateinit var folder: File

    private fun watched(silence: Duration = PATIENCE, storage: Storage = MemoryStorage(), story: suspend Watched.() -> Unit): Unit =
        runBlocking {
            onDevice(storage) {
                coroutineScope {
                    val watched = Watched(this@onDevice, this, silence)
                    watched.untilFollowed()
                    watched.story()
                    coroutineContext.cancelChildren()
                }
            }
        }

    @Test
    fun `what happens elsewhere is here without a pull`() = watched {
        val pulls = space.pulls
        space.act(expense(space, 1))
        until { book.count() == 1 }
        space.act(expense(space, 1))
        until { book.count() == 2 }
        assertEquals(pulls, space.pulls)
    }

    @Test
    fun `what is done here is sent at once, and comes back by the stream`() = watched {
        repeat(20) { book.submit(expense(space, 1)) }
        until { book.pending().isEmpty() }
        assertEquals(20 to 20, space.pushed.size to book.count())
    }

    @Test
    fun `what waited is sent when the stream is up`() = runBlocking {
        onDevice(MemoryStorage()) {
            book.pull(client)
            book.submit(expense(space, 1))
            coroutineScope {
                val watched = Watched(this@onDevice, this, PATIENCE)
                until { book.pending().isEmpty() && space.pushed.size == 1 }
                watched.running.cancel()
            }
        }
    }

    @Test
    fun `a copy that is behind is pulled, and watched from there`() = watched {
        space.isMute = true
        val head = space.act(expense(space, 1))
        space.isMute = false
        space.tell(event { setBehind(WatchBehind.newBuilder().setSpaceId(space.id).setHead(head)) })
        until { book.count() == 1 }
        until { space.watched == 1 }
        space.act(expense(space, 1))
        until { book.count() == 2 }
    }

    @Test
    fun `changes that do not follow on the copy are not believed, and it pulls`() = watched {
        space.isMute = true
        space.act(expense(space, 1))
        book.pull(its.client)
        space.act(expense(space, 1))
        space.isMute = false
        space.act(expense(space, 1))
        until { book.count() == 3 }
    }

    @Test
    fun `a server that was away is watched again when it is back`() = watched {
        repeat(2) { space.failNext(Status.Code.UNAVAILABLE) }
        space.endStreams(Status.UNAVAILABLE)
        until { space.watched == 1 }
        space.act(expense(space, 1))
        until { book.count() == 1 }
        assertEquals(emptyList(), errors.map { it.code })
    }

    @Test
    fun `a stream without a sign of life is taken for dead`() = watched(silence = 200.milliseconds) {
        val watches = space.watches
        until { space.watches >= watches + 2 }
        until { space.watched <= 1 }
    }

    @Test
    fun `a space that is new is told of, and one that is lost is forgotten`() = watched {
        space.act(expense(space, 1))
        until { book.count() == 1 }
        space.tell(event { setAdded(WatchAdded.newBuilder().setSpaceId("other")) })
        space.tell(event { setForget(WatchForget.newBuilder().setSpaceId(space.id)) })
        until { book.count() == 0 }
        assertEquals(listOf("other"), added)
    }

    @Test
    fun `whoever is signed out is told so, and nothing is tried again`() = watched {
        space.failNext(Status.Code.UNAUTHENTICATED, "REFRESH_TOKEN_REUSED")
        space.tell(GOODBYE)
        running.join()
        assertEquals(listOf<String?>("REFRESH_TOKEN_REUSED"), errors.map { it.reason })
        assertEquals(WatcherState.ENDED, watcher.state.value)
    }

    @Test
    fun `a cursor that no stream takes makes the copy anew`() = watched {
        val pulls = space.pulls
        repeat(2) { space.failNext(Status.Code.INVALID_ARGUMENT, "INVALID_CURSOR") }
        space.tell(GOODBYE)
        until { space.pulls >= pulls + 2 }
        untilFollowed()
        space.act(expense(space, 1))
        until { book.count() == 1 }
        assertEquals(emptyList(), errors.map { it.reason })
    }

    @Test
    fun `what is refused for good is told of, and the stream goes on`() = watched {
        space.failNext(Status.Code.PERMISSION_DENIED, "ROLE_TOO_LOW")
        book.submit(expense(space, 1))
        until { errors.isNotEmpty() }
        space.act(expense(space, 1))
        until { book.count() == 2 }
    }

    @Test
    fun `of two processes one works, and the other takes over when it stops`() = runBlocking {
        val file = FileDevice(folder)
        watched(storage = file.open()) {
            file.open().use { storage ->
                val other = Watcher(its.client, storage)
                start(other)
                withTimeout(PATIENCE) { other.state.first { it == WatcherState.FOLLOWING } }
                until { space.watched == 1 }
                running.cancel()
                withTimeout(PATIENCE) { other.state.first { it == WatcherState.LIVE } }
                until { space.watched == 1 }
                assertTrue(running.isCancelled)
            }
        }
    }

    @Test
    fun `an app may say that the network is back`() = watched {
        val watches = space.watches
        watcher.wake()
        until { space.watches > watches }
        untilFollowed()
    }
}
