/** Is a call repeated where that is safe, and only there, and does it end in time? */
package tallystick.client

import io.grpc.InsecureServerCredentials
import io.grpc.Status.Code
import io.grpc.okhttp.OkHttpServerBuilder
import java.net.ServerSocket
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import tallystick.v1.Book
import tallystick.v1.CreateBookRequest
import tallystick.v1.CreateBookResponse
import tallystick.v1.GetMeRequest
import tallystick.v1.GetMeResponse
import tallystick.v1.UploadRequest
import tallystick.v1.UploadResponse
import tallystick.v1.User
import tallystick.v1.Verdict
import tallystick.v1.VerifyBookRequest
import tallystick.v1.VerifyBookResponse

val DEFAULT_TEST_TIMEOUT = 30.seconds
private val ME: GetMeRequest = GetMeRequest.getDefaultInstance()
private val IT_IS_ME: GetMeResponse = GetMeResponse.newBuilder().setUser(User.newBuilder().setId("ann")).build()

@OptIn(ExperimentalCoroutinesApi::class)
class CallsTest {
    @Test
    fun `a call that nobody answered is made again with the very same message`() = runTest {
        val made = CreateBookResponse.newBuilder().setBook(Book.newBuilder().setId("b")).build()
        Scripted(fail(Code.UNAVAILABLE), fail(Code.UNAVAILABLE, "SHUTTING_DOWN"), answer(made)).use { server ->
            val request = CreateBookRequest.newBuilder().setRequestId(newId()).setName("Home").build()
            assertEquals(made, server.client(this).ledger.createBook(request))
            assertEquals(List(3) { request.toByteString() }, server.asked.map { it.request })
        }
    }

    @Test
    fun `it is not made for ever`() = runTest {
        Scripted(*Array(4) { fail(Code.UNAVAILABLE) }).use { server ->
            assertFailsWith<Unavailable> { server.client(this, retries = Retries(tries = 3)).auth.getMe(ME) }
            assertEquals(3, server.asked.size)
        }
    }

    @Test
    fun `what a repeat cannot mend is not repeated`() = runTest {
        for (code in listOf(Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.ABORTED, Code.INTERNAL, Code.RESOURCE_EXHAUSTED, Code.UNKNOWN)) {
            Scripted(fail(code, "SOME_REASON")).use { server ->
                val failed = assertFailsWith<TallystickException> { server.client(this).auth.getMe(ME) }
                assertEquals(code, failed.code)
                assertEquals("SOME_REASON", failed.reason)
                assertEquals(1, server.asked.size)
            }
        }
    }

    @Test
    fun `the server says when to come back`() = runTest {
        Scripted(fail(Code.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED", retryAfterMs = 2_500), answer(IT_IS_ME)).use { server ->
            assertEquals("ann", server.client(this).auth.getMe(ME).user.id)
            assertTrue(currentTime in 2_500..2_600, "$currentTime")
        }
    }

    @Test
    fun `who is to come back after the call's time gives up at once`() = runTest {
        Scripted(fail(Code.UNAVAILABLE, "READ_ONLY", retryAfterMs = 40_000)).use { server ->
            val failed = assertFailsWith<Unavailable> { server.client(this).auth.getMe(ME) }
            assertEquals(40.seconds, failed.retryAfter)
            assertEquals(0, currentTime)
        }
    }

    @Test
    fun `a server that comes back is found`() = runBlocking {
        val port = ServerSocket(0).use { it.localPort }
        Scripted(answer(IT_IS_ME)).use { script ->
            Client("127.0.0.1:$port", retries = Retries(tries = 100, longestWait = 200.milliseconds)).use { client ->
                val failed = assertFailsWith<TallystickException> { client.auth.withDeadlineAfter(300, TimeUnit.MILLISECONDS).getMe(ME) }
                assertTrue(failed.mayRepeat, "$failed")
                val credentials = InsecureServerCredentials.create()
                val server = OkHttpServerBuilder.forPort(port, credentials).fallbackHandlerRegistry(script).build().start()
                try {
                    assertEquals("ann", client.auth.getMe(ME).user.id)
                } finally {
                    server.shutdownNow()
                }
            }
        }
    }

    @Test
    fun `only this machine is spoken to without encryption`() {
        for (target in listOf("localhost:8080", "127.0.0.1:1", "[::1]:8080", "dns:///localhost:80", "localhost")) {
            assertTrue(isThisMachine(target), target)
        }
        val others = listOf("money.example.com:443", "localhost.example.com:443", "127.0.0.1.example.com", "10.0.2.2:80", "localhost:80@example.com")
        for (target in others) {
            assertFalse(isThisMachine(target), target)
        }
    }

    @Test
    fun `waits grow, and differ`() {
        val retries = Retries(firstWait = 100.milliseconds, longestWait = 5.seconds)
        for ((tried, limit) in listOf(1 to 100.milliseconds, 2 to 200.milliseconds, 5 to 1600.milliseconds, 60 to 5.seconds)) {
            val waits = List(200) { retries.waitAfter(tried) }
            assertTrue(waits.all { it <= limit } && waits.any { it > limit / 2 } && waits.any { it < limit / 2 }, "$tried: $waits")
        }
    }

    @Test
    fun `a call without an answer ends`() = runTest {
        Scripted(hang(), hang()).use { server ->
            val client = server.client(this)
            val failed = assertFailsWith<DeadlineExceeded> { client.auth.getMe(ME) }
            assertTrue(failed.mayRepeat)
            assertNull(failed.reason)
            assertEquals(30_000, currentTime)
            assertFailsWith<DeadlineExceeded> { client.auth.withDeadlineAfter(5, TimeUnit.SECONDS).getMe(ME) }
            assertTrue(currentTime in 34_000..35_000, "$currentTime")
            assertEquals(2, server.cancelled)
        }
    }

    @Test
    fun `an error says which fields, and what else there is to know`() = runTest {
        val fails = fail(Code.INVALID_ARGUMENT, "INVALID_FIELD", metadata = mapOf("expected" to "1"), fields = listOf("amount.minor"))
        Scripted(fails).use { server ->
            val failed = assertFailsWith<InvalidArgument> { server.client(this).auth.getMe(ME) }
            assertEquals("INVALID_FIELD", failed.reason)
            assertEquals(mapOf("expected" to "1"), failed.metadata)
            assertEquals(listOf("amount.minor: why"), failed.violations.map { it.toString() })
            assertEquals("rule", failed.violations.single().rule)
        }
    }

    @Test
    fun `a reason of a newer server is told by its name, and what is not to be seen is not found`() = runTest {
        Scripted(fail(Code.FAILED_PRECONDITION, "MOON_IS_FULL"), fail(Code.NOT_FOUND, "NOT_FOUND")).use { server ->
            val client = server.client(this)
            assertEquals("MOON_IS_FULL", assertFailsWith<FailedPrecondition> { client.auth.getMe(ME) }.reason)
            assertEquals("NOT_FOUND", assertFailsWith<NotFound> { client.auth.getMe(ME) }.reason)
        }
    }

    @Test
    fun `what a proxy or somebody else's server says is no reason of ours`() = runTest {
        val others = fail(Code.NOT_FOUND, "NOT_FOUND", domain = "elsewhere")
        val contradicted = fail(Code.UNAVAILABLE, "NOT_FOUND", detailsCode = Code.NOT_FOUND)
        Scripted(others, contradicted).use { server ->
            val client = server.client(this, retries = Retries(tries = 1))
            assertNull(assertFailsWith<NotFound> { client.auth.getMe(ME) }.reason)
            assertNull(assertFailsWith<Unavailable> { client.auth.getMe(ME) }.reason)
        }
    }

    @Test
    fun `an upload carries the token, and is never made twice`() = runTest {
        val done = UploadResponse.getDefaultInstance()
        Scripted(answer(done), fail(Code.UNAVAILABLE, "SHUTTING_DOWN")).use { server ->
            val client = server.client(this, MemoryTokens(Tokens(accessToken = "key")))
            val parts = List(3) { UploadRequest.getDefaultInstance() }
            assertEquals(done, client.files.upload(parts.asFlow()))
            assertEquals(List(3) { "key" }, server.tokens)
            assertEquals("SHUTTING_DOWN", assertFailsWith<Unavailable> { client.files.upload(parts.asFlow()) }.reason)
            assertEquals(6, server.asked.size)
        }
    }

    @Test
    fun `a stream's failure has a reason too, and the stream is not repeated`() = runTest {
        val step = VerifyBookResponse.newBuilder().setVerdict(Verdict.newBuilder().setHolds(true)).build()
        Scripted(answer(step, step), fail(Code.UNAVAILABLE, "SHUTTING_DOWN", after = listOf(step))).use { server ->
            val client = server.client(this)
            assertEquals(listOf(step, step), client.ledger.verifyBook(VerifyBookRequest.getDefaultInstance()).toList())
            val failed = assertFailsWith<Unavailable> { client.ledger.verifyBook(VerifyBookRequest.getDefaultInstance()).toList() }
            assertEquals("SHUTTING_DOWN", failed.reason)
            assertEquals(2, server.asked.size)
        }
    }
}
