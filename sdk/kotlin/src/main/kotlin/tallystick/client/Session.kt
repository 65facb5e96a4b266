/** Who calls? Whoever signed in, with a token that is renewed before and when it stops working, by one call for all. */
package tallystick.client

import io.grpc.Metadata
import io.grpc.Status
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import tallystick.v1.AuthServiceGrpcKt.AuthServiceCoroutineStub
import tallystick.v1.LoginRequest
import tallystick.v1.LoginResponse
import tallystick.v1.LogoutRequest
import tallystick.v1.RefreshSessionRequest
import tallystick.v1.SessionTokens

// A token that is this near to its end is renewed before it is used.
private val MARGIN = 30.seconds
private const val NEVER = Long.MAX_VALUE

/** The tokens of whoever is signed in, and how they are renewed. `auth` calls without any; `now` is the device's clock, in seconds. */
internal class Session(
    private val store: TokenStore,
    private val auth: AuthServiceCoroutineStub,
    private val now: () -> Long,
) : Caller {
    private class Held(val tokens: Tokens, val renewAt: Long)

    private val mutex = Mutex()

    @Volatile private var held: Held? = null

    suspend fun tokens(): Tokens = held().tokens

    suspend fun signIn(email: String, password: String, deviceName: String): LoginResponse = alone {
        val known = store.load()
        val request = LoginRequest.newBuilder().setRequestId(newId()).setEmail(email).setPassword(password)
        val answer = auth.login(request.setDeviceName(deviceName).setDeviceToken(known.deviceToken).build())
        val deviceToken = answer.deviceToken.ifEmpty { known.deviceToken }
        keep(compose(answer.tokens, Tokens(userId = answer.user.id, deviceToken = deviceToken)))
        answer
    }

    suspend fun signOut(): Unit = alone {
        val tokens = store.load()
        if (tokens.accessToken.isNotEmpty()) {
            try {
                auth.logout(LogoutRequest.newBuilder().setRequestId(newId()).build(), Metadata().signed(tokens.accessToken))
            } catch (_: Unauthenticated) {
                // It has ended before.
            }
        }
        keep(Tokens(deviceToken = tokens.deviceToken))
    }

    override suspend fun accessToken(): String {
        val held = held()
        val token = held.tokens.accessToken
        if (held.tokens.refreshToken.isEmpty() || now() < held.renewAt) return token
        return try {
            refresh(token)
        } catch (failed: TallystickException) {
            // The old one may still do.
            if (failed is Unavailable || failed is DeadlineExceeded) token else throw failed
        }
    }

    /** All who ask meanwhile get the same, in whatever process. */
    override suspend fun refresh(rejected: String): String = alone {
        val tokens = store.load()
        when {
            tokens.accessToken.isNotEmpty() && tokens.accessToken != rejected -> adopt(tokens).accessToken
            tokens.refreshToken.isEmpty() -> throw notSignedIn()
            else -> exchange(tokens)
        }
    }

    private suspend fun exchange(known: Tokens): String {
        val tokens = if (known.refreshRequestId.isEmpty()) known.copy(refreshRequestId = newId()) else known
        // Kept before it is sent: the answer may be lost with this process.
        if (tokens != known) store.save(tokens)
        val request = RefreshSessionRequest.newBuilder().setRequestId(tokens.refreshRequestId)
        val answer =
            try {
                auth.refreshSession(request.setRefreshToken(tokens.refreshToken).build())
            } catch (failed: TallystickException) {
                // The session has ended, or the answer came too late to be asked for again. Only a server of ours knows.
                val hasEnded = failed is Unauthenticated || failed is FailedPrecondition
                if (hasEnded && failed.reason != null) keep(Tokens(deviceToken = tokens.deviceToken))
                throw failed
            }
        keep(compose(answer.tokens, tokens))
        return answer.tokens.accessToken
    }

    private suspend fun <T> alone(block: suspend () -> T): T = mutex.withLock { store.turn(block) }

    private suspend fun held(): Held = held ?: mutex.withLock { held ?: hold(store.load()) }

    private fun hold(tokens: Tokens): Held = Held(tokens, renewAt(tokens)).also { held = it }

    private suspend fun keep(tokens: Tokens) {
        store.save(tokens)
        adopt(tokens)
    }

    /** Tokens that have just been made, here or by another process. */
    private fun adopt(tokens: Tokens): Tokens {
        val renewAt = renewAt(tokens)
        // By a clock that is far ahead every token has expired when it comes: then only the server's word counts.
        held = Held(tokens, if (renewAt > now()) renewAt else NEVER)
        return tokens
    }
}

private fun renewAt(tokens: Tokens): Long = tokens.accessExpiresAt - MARGIN.inWholeSeconds

private fun compose(fresh: SessionTokens, known: Tokens): Tokens =
    Tokens(
        accessToken = fresh.accessToken,
        accessExpiresAt = fresh.accessExpiresAt.seconds,
        refreshToken = fresh.refreshToken,
        sessionId = fresh.sessionId,
        userId = known.userId,
        deviceToken = known.deviceToken,
    )

private fun notSignedIn() =
    Unauthenticated(Failure(Status.Code.UNAUTHENTICATED, "nobody is signed in", reason = "NOT_SIGNED_IN"))
