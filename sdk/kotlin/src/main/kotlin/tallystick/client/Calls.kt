/** What is the same for every call? It carries the caller's token, ends in time, is repeated where that is safe, and fails with a reason. */
package tallystick.client

import io.grpc.CallOptions
import io.grpc.Channel
import io.grpc.ClientCall
import io.grpc.Metadata
import io.grpc.MethodDescriptor
import io.grpc.Status
import io.grpc.StatusException
import io.grpc.kotlin.ClientCalls
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.TimeSource
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.withTimeoutOrNull

private val AUTHORIZATION = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)

/** Where tokens come from. */
internal interface Caller {
    /** The token to call with; empty for nobody. */
    suspend fun accessToken(): String

    /** Another token than this one. */
    suspend fun refresh(rejected: String): String
}

internal object Nobody : Caller {
    override suspend fun accessToken(): String = ""

    override suspend fun refresh(rejected: String): String = ""
}

/** A channel that also says how to call. Generated stubs find it here. */
internal class CallingChannel(val plain: Channel, val calls: Calls) : Channel() {
    override fun <Q, A> newCall(method: MethodDescriptor<Q, A>, options: CallOptions): ClientCall<Q, A> =
        plain.newCall(method, options)

    override fun authority(): String? = plain.authority()
}

/** What generated stubs call in place of grpc-kotlin's function of this name. */
internal suspend fun <Q : Any, A : Any> unaryRpc(
    channel: Channel,
    method: MethodDescriptor<Q, A>,
    request: Q,
    callOptions: CallOptions,
    headers: Metadata,
): A =
    if (channel is CallingChannel) {
        channel.calls.unary(channel.plain, method, request, callOptions, headers)
    } else {
        ClientCalls.unaryRpc(channel, method, request, callOptions, headers)
    }

/** What generated stubs call in place of grpc-kotlin's function of this name. */
internal fun <Q : Any, A : Any> serverStreamingRpc(
    channel: Channel,
    method: MethodDescriptor<Q, A>,
    request: Q,
    callOptions: CallOptions,
    headers: Metadata,
): Flow<A> =
    if (channel is CallingChannel) {
        channel.calls.stream(channel.plain, method, request, callOptions, headers)
    } else {
        ClientCalls.serverStreamingRpc(channel, method, request, callOptions, headers)
    }

/** What generated stubs call in place of grpc-kotlin's function of this name. */
internal suspend fun <Q : Any, A : Any> clientStreamingRpc(
    channel: Channel,
    method: MethodDescriptor<Q, A>,
    requests: Flow<Q>,
    callOptions: CallOptions,
    headers: Metadata,
): A =
    if (channel is CallingChannel) {
        channel.calls.upload(channel.plain, method, requests, callOptions, headers)
    } else {
        ClientCalls.clientStreamingRpc(channel, method, requests, callOptions, headers)
    }

/** Stands between stubs and the wire. `onRepeat` is told before a call is made again. */
internal class Calls(
    private val caller: Caller,
    private val retries: Retries,
    private val timeout: Duration,
    private val clock: TimeSource = TimeSource.Monotonic,
    private val onRepeat: () -> Unit = {},
) {
    suspend fun <Q : Any, A : Any> unary(
        channel: Channel,
        method: MethodDescriptor<Q, A>,
        request: Q,
        options: CallOptions,
        headers: Metadata,
    ): A {
        val timeout = options.deadline?.timeRemaining(TimeUnit.NANOSECONDS)?.nanoseconds ?: timeout
        var tries = 0
        // Waiting for others' refresh counts too, and grpc knows nothing of it.
        val answer = withTimeoutOrNull(timeout) {
            retries.run(timeout, clock) { left ->
                if (tries++ > 0) onRepeat()
                signed(method, headers) { own -> once(channel, method, request, options, left, own) }
            }
        }
        return answer ?: throw tookTooLong(timeout)
    }

    /** A stream has no time limit of ours, and is repeated only by whoever knows where to go on from. */
    fun <Q : Any, A : Any> stream(
        channel: Channel,
        method: MethodDescriptor<Q, A>,
        request: Q,
        options: CallOptions,
        headers: Metadata,
    ): Flow<A> = flow {
        fun open(own: Metadata) = ClientCalls.serverStreamingRpc(channel, method, request, options, own).catch { throw read(it) }
        if (isSignedOtherwise(method, headers)) {
            emitAll(open(headers.copy()))
            return@flow
        }
        val token = caller.accessToken()
        var hasBegun = false
        val first = open(headers.signed(token)).onEach { hasBegun = true }
        emitAll(
            first.catch { failed ->
                // What has begun is gone on with elsewhere.
                if (hasBegun || !isOfToken(failed)) throw failed
                emitAll(open(headers.signed(caller.refresh(token))))
            }
        )
    }

    /** Never repeated: what a flow of requests gave once it may not give again. Whoever makes it says how long it may take. */
    suspend fun <Q : Any, A : Any> upload(
        channel: Channel,
        method: MethodDescriptor<Q, A>,
        requests: Flow<Q>,
        options: CallOptions,
        headers: Metadata,
    ): A {
        val own = if (isSignedOtherwise(method, headers)) headers.copy() else headers.signed(caller.accessToken())
        try {
            return ClientCalls.clientStreamingRpc(channel, method, requests, options, own)
        } catch (failed: StatusException) {
            throw errorOf(failed)
        }
    }

    private suspend fun <Q : Any, A : Any> once(
        channel: Channel,
        method: MethodDescriptor<Q, A>,
        request: Q,
        options: CallOptions,
        left: Duration,
        headers: Metadata,
    ): A =
        try {
            val limited = options.withDeadlineAfter(left.inWholeNanoseconds, TimeUnit.NANOSECONDS)
            ClientCalls.unaryRpc(channel, method, request, limited, headers)
        } catch (failed: StatusException) {
            throw errorOf(failed)
        }

    private suspend fun <A> signed(method: MethodDescriptor<*, *>, headers: Metadata, call: suspend (Metadata) -> A): A {
        if (isSignedOtherwise(method, headers)) return call(headers.copy())
        val token = caller.accessToken()
        try {
            return call(headers.signed(token))
        } catch (failed: Unauthenticated) {
            if (!isOfToken(failed)) throw failed
        }
        return call(headers.signed(caller.refresh(token)))
    }

    /** Calls that nobody needs to be signed in for carry no token: one that has ended would only be in their way. */
    private fun isSignedOtherwise(method: MethodDescriptor<*, *>, headers: Metadata): Boolean =
        method.fullMethodName in PUBLIC_CALLS || headers.containsKey(AUTHORIZATION)
}

internal fun isOfToken(failed: Throwable): Boolean = failed is Unauthenticated && failed.reason == INVALID_TOKEN

private fun read(failed: Throwable): Throwable = if (failed is StatusException) errorOf(failed) else failed

private fun tookTooLong(timeout: Duration) =
    DeadlineExceeded(Failure(Status.Code.DEADLINE_EXCEEDED, "no answer within $timeout"))

private fun Metadata.copy(): Metadata = Metadata().also { it.merge(this) }

/** Headers of one attempt: grpc changes those that it is given. */
internal fun Metadata.signed(token: String): Metadata =
    copy().also { if (token.isNotEmpty()) it.put(AUTHORIZATION, "Bearer $token") }
