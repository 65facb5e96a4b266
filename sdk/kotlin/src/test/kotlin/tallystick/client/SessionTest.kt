/** Does whoever signed in stay signed in, with one exchange of tokens for all calls, whatever the device's clock says? */
package tallystick.client

import com.google.protobuf.Timestamp
import io.grpc.Status.Code
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runTest
import tallystick.v1.GetMeRequest
import tallystick.v1.GetMeResponse
import tallystick.v1.LoginRequest
import tallystick.v1.LoginResponse
import tallystick.v1.LogoutResponse
import tallystick.v1.RefreshSessionRequest
import tallystick.v1.RefreshSessionResponse
import tallystick.v1.RegisterRequest
import tallystick.v1.RegisterResponse
import tallystick.v1.SessionTokens
import tallystick.v1.User
import tallystick.v1.VerifyBookRequest
import tallystick.v1.VerifyBookResponse

private val ME: GetMeRequest = GetMeRequest.getDefaultInstance()
private val OK = answer(GetMeResponse.getDefaultInstance())
private val REFUSED = fail(Code.UNAUTHENTICATED, "INVALID_TOKEN")
private const val EXPIRES = 1_000_000L

private val signedIn = Tokens("a1", EXPIRES, "r1", sessionId = "s", userId = "ann", deviceToken = "d")

private fun tokens(number: Int, expires: Long = EXPIRES): SessionTokens =
    SessionTokens.newBuilder().setAccessToken("a$number").setRefreshToken("r$number").setSessionId("s")
        .setAccessExpiresAt(Timestamp.newBuilder().setSeconds(expires)).build()

private fun fresh(number: Int, expires: Long = EXPIRES) =
    answer(RefreshSessionResponse.newBuilder().setTokens(tokens(number, expires)).build())

private class RememberingTokens(first: Tokens) : TokenStore {
    val saved = mutableListOf(first)
    private val kept = MemoryTokens(first)

    override suspend fun load() = kept.load()

    override suspend fun save(tokens: Tokens) {
        kept.save(tokens)
        saved += tokens
    }

    override suspend fun <T> turn(block: suspend () -> T): T = kept.turn(block)
}

class SessionTest {
    private fun test(vararg steps: Step, story: suspend TestScope.(Scripted) -> Unit) = runTest { Scripted(*steps).use { story(it) } }

    @Test
    fun `who signs in is known from then on, and so is the device`() {
        val login = LoginResponse.newBuilder().setTokens(tokens(1)).setDeviceToken("d1").setUser(User.newBuilder().setId("ann")).build()
        test(answer(login), OK, answer(LogoutResponse.getDefaultInstance()), answer(login)) { server ->
            val store = MemoryTokens(Tokens(deviceToken = "d0"))
            val client = server.client(this, store)
            assertEquals("ann", client.signIn("ann@example.com", "secret", "phone").user.id)
            assertEquals(Tokens("a1", EXPIRES, "r1", "", "s", "ann", "d1"), store.load())
            client.auth.getMe(ME)
            client.signOut()
            assertEquals(Tokens(deviceToken = "d1"), client.tokens())
            client.signIn("ann@example.com", "secret")
            assertEquals(listOf("", "a1", "a1", ""), server.tokens)
            val sent = listOf(0, 3).map { LoginRequest.parseFrom(server.asked[it].request) }
            assertEquals(listOf("d0" to "phone", "d1" to ""), sent.map { it.deviceToken to it.deviceName })
        }
    }

    @Test
    fun `signing out after the session has ended is no error`() = test(REFUSED) { server ->
        val client = server.client(this, MemoryTokens(signedIn))
        client.signOut()
        client.signOut()
        assertEquals(Tokens(deviceToken = "d"), client.tokens())
    }

    @Test
    fun `calls that need nobody carry no token`() = test(answer(RegisterResponse.getDefaultInstance())) { server ->
        server.client(this, MemoryTokens(signedIn)).auth.register(RegisterRequest.getDefaultInstance())
        assertEquals(listOf(""), server.tokens)
    }

    @Test
    fun `many calls whose token is refused exchange it once`() =
        test(*Array(8) { REFUSED }, fresh(2), *Array(8) { OK }) { server ->
            val store = RememberingTokens(signedIn)
            val client = server.client(this, store)
            List(8) { async { client.auth.getMe(ME) } }.awaitAll()
            assertEquals(1, server.methods.count { it == "RefreshSession" })
            assertEquals(8, server.tokens.count { it == "a2" })
            assertEquals(listOf("r1", "r1", "r2"), store.saved.map { it.refreshToken })
        }

    @Test
    fun `a token that is about to end is exchanged before it is used`() = test(fresh(2, 2 * EXPIRES), OK, OK) { server ->
        val client = server.client(this, MemoryTokens(signedIn)) { EXPIRES - 29 }
        repeat(2) { client.auth.getMe(ME) }
        assertEquals(listOf("", "a2", "a2"), server.tokens)
    }

    @Test
    fun `it is used as long as it works when no other can be had`() = test(fail(Code.UNAVAILABLE), OK) { server ->
        server.client(this, MemoryTokens(signedIn), Retries(tries = 1)) { EXPIRES - 1 }.auth.getMe(ME)
        assertEquals(listOf("", "a1"), server.tokens)
    }

    @Test
    fun `a clock that is years ahead does not make every call exchange tokens`() = test(fresh(2), OK, OK, OK) { server ->
        val client = server.client(this, MemoryTokens(signedIn)) { 100 * EXPIRES }
        repeat(3) { client.auth.getMe(ME) }
        assertEquals(listOf("", "a2", "a2", "a2"), server.tokens)
    }

    @Test
    fun `nor does one that is years behind keep a refused token`() = test(REFUSED, fresh(2), OK) { server ->
        server.client(this, MemoryTokens(signedIn)) { -100 * EXPIRES }.auth.getMe(ME)
        assertEquals(listOf("a1", "", "a2"), server.tokens)
    }

    @Test
    fun `an exchange whose answer was lost is asked for again with the same id`() =
        test(REFUSED, fail(Code.UNAVAILABLE), OK, fresh(2), OK) { server ->
            val store = MemoryTokens(signedIn)
            assertFailsWith<Unavailable> { server.client(this, store, Retries(tries = 1)).auth.getMe(ME) }
            // The app starts anew; this time it is the clock that says when.
            val again = server.client(this, store) { 0 }
            again.auth.getMe(ME)
            again.session.refresh("a1")
            val exchanges = server.asked.filter { it.method == "RefreshSession" }.map { RefreshSessionRequest.parseFrom(it.request) }
            assertEquals(2, exchanges.size)
            assertEquals(exchanges[0], exchanges[1])
            assertNotEquals("", exchanges[0].requestId)
            assertEquals("", store.load().refreshRequestId)
        }

    @Test
    fun `what another process exchanged is taken over`() = test(REFUSED, OK) { server ->
        val store = MemoryTokens(signedIn)
        val client = server.client(this, store)
        client.tokens()
        store.save(signedIn.copy(accessToken = "a7", refreshToken = "r7"))
        client.auth.getMe(ME)
        assertEquals(listOf("a1", "a7"), server.tokens)
    }

    @Test
    fun `nor does it make every call exchange what another process exchanged`() = test(REFUSED, OK, OK) { server ->
        val store = MemoryTokens(signedIn)
        val client = server.client(this, store) { if (server.asked.isEmpty()) 0 else 100 * EXPIRES }
        client.tokens()
        store.save(signedIn.copy(accessToken = "a7", refreshToken = "r7"))
        repeat(2) { client.auth.getMe(ME) }
        assertEquals(listOf("a1", "a7", "a7"), server.tokens)
    }

    @Test
    fun `who is no server of ours ends no session`() =
        test(REFUSED, fail(Code.UNAUTHENTICATED), REFUSED, fresh(2), OK) { server ->
            val client = server.client(this, MemoryTokens(signedIn))
            assertNull(assertFailsWith<Unauthenticated> { client.auth.getMe(ME) }.reason)
            client.auth.getMe(ME)
            assertEquals("a2", client.tokens().accessToken)
        }

    @Test
    fun `a session that has ended is forgotten, but not the device`() =
        test(REFUSED, fail(Code.UNAUTHENTICATED, "INVALID_REFRESH_TOKEN"), fail(Code.UNAUTHENTICATED, "NOT_SIGNED_IN")) { server ->
            val client = server.client(this, MemoryTokens(signedIn))
            assertEquals("INVALID_REFRESH_TOKEN", assertFailsWith<Unauthenticated> { client.auth.getMe(ME) }.reason)
            assertEquals(Tokens(deviceToken = "d"), client.tokens())
            assertEquals("NOT_SIGNED_IN", assertFailsWith<Unauthenticated> { client.auth.getMe(ME) }.reason)
            assertEquals(listOf("a1", "", ""), server.tokens)
        }

    @Test
    fun `an access key is never exchanged`() = test(REFUSED) { server ->
        val client = server.client(this, MemoryTokens(Tokens(accessToken = "key"))) { 100 * EXPIRES }
        assertEquals("NOT_SIGNED_IN", assertFailsWith<Unauthenticated> { client.auth.getMe(ME) }.reason)
        assertEquals(listOf("key"), server.tokens)
    }

    @Test
    fun `a stream that is refused for its token is opened once more`() =
        test(REFUSED, fresh(2), answer(VerifyBookResponse.getDefaultInstance())) { server ->
            server.client(this, MemoryTokens(signedIn)).ledger.verifyBook(VerifyBookRequest.getDefaultInstance()).first()
            assertEquals(listOf("a1", "", "a2"), server.tokens)
        }

    @Test
    fun `tokens are in no log`() {
        assertEquals("Tokens(sessionId=s, userId=ann)", signedIn.toString())
    }
}
