/** What is a server that answers as a test says? One in this process, whose every call takes the next step of a script. */
package tallystick.client

import com.google.protobuf.Any
import com.google.protobuf.ByteString
import com.google.protobuf.Duration as DurationMessage
import com.google.protobuf.MessageLite
import io.grpc.HandlerRegistry
import io.grpc.ManagedChannel
import io.grpc.Metadata
import io.grpc.MethodDescriptor
import io.grpc.ServerCall
import io.grpc.ServerMethodDefinition
import io.grpc.Status
import io.grpc.inprocess.InProcessChannelBuilder
import io.grpc.inprocess.InProcessServerBuilder
import java.io.ByteArrayInputStream
import java.io.InputStream
import kotlin.time.TimeSource
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.testTimeSource
import tallystick.rpc.BadRequest
import tallystick.rpc.ErrorInfo
import tallystick.rpc.RetryInfo

private val DETAILS = Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER)
private val AUTHORIZATION = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)

/** These messages, and then the end: OK, a failure, or none for a server that says no more. */
class Step(val says: List<MessageLite>, val end: Fails?)

class Fails(val status: Status, val trailers: Metadata = Metadata())

fun answer(vararg says: MessageLite) = Step(says.toList(), Fails(Status.OK))

fun hang(vararg says: MessageLite) = Step(says.toList(), null)

fun fail(
    code: Status.Code,
    reason: String = "",
    retryAfterMs: Long? = null,
    domain: String = "tallystick",
    metadata: Map<String, String> = emptyMap(),
    fields: List<String> = emptyList(),
    detailsCode: Status.Code = code,
    after: List<MessageLite> = emptyList(),
): Step {
    val details = buildList {
        if (reason.isNotEmpty()) {
            val info = ErrorInfo.newBuilder().setReason(reason).setDomain(domain).putAllMetadata(metadata).build()
            add(pack("google.rpc.ErrorInfo", info))
        }
        if (retryAfterMs != null) {
            val delay = DurationMessage.newBuilder().setSeconds(retryAfterMs / 1000).setNanos((retryAfterMs % 1000 * 1_000_000).toInt())
            add(pack("google.rpc.RetryInfo", RetryInfo.newBuilder().setRetryDelay(delay).build()))
        }
        if (fields.isNotEmpty()) {
            val bad = BadRequest.newBuilder()
            for (name in fields) {
                bad.addFieldViolations(BadRequest.FieldViolation.newBuilder().setField(name).setReason("rule").setDescription("why"))
            }
            add(pack("google.rpc.BadRequest", bad.build()))
        }
    }
    val told = tallystick.rpc.Status.newBuilder().setCode(detailsCode.value()).addAllDetails(details).build()
    return Step(after, Fails(code.toStatus().withDescription("no"), Metadata().also { it.put(DETAILS, told.toByteArray()) }))
}

private fun pack(name: String, detail: MessageLite): Any =
    Any.newBuilder().setTypeUrl("type.googleapis.com/$name").setValue(detail.toByteString()).build()

/** One call that was made. */
class Asked(val method: String, val request: ByteString, val token: String)

class Scripted(vararg steps: Step) : HandlerRegistry(), AutoCloseable {
    val steps = steps.toMutableList()
    val asked = mutableListOf<Asked>()
    var cancelled = 0

    private val name = newId()
    private val server = InProcessServerBuilder.forName(name).directExecutor().fallbackHandlerRegistry(this).build().start()
    private val channels = mutableListOf<ManagedChannel>()

    fun channel(): ManagedChannel = InProcessChannelBuilder.forName(name).directExecutor().build().also { channels += it }

    fun client(
        scope: TestScope,
        store: TokenStore = MemoryTokens(),
        retries: Retries = Retries(),
        now: () -> Long = { 0 },
    ): Client = Client(channel(), store, DEFAULT_TEST_TIMEOUT, retries, scope.clock(), now)

    val methods: List<String> get() = asked.map { it.method }
    val tokens: List<String> get() = asked.map { it.token }

    override fun lookupMethod(methodName: String, authority: String?): ServerMethodDefinition<*, *> {
        val method = MethodDescriptor.newBuilder(Bytes, Bytes)
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .setFullMethodName(methodName)
            .build()
        return ServerMethodDefinition.create(method) { call, headers -> answering(call, methodName, headers) }
    }

    private fun answering(call: ServerCall<ByteArray, ByteArray>, method: String, headers: Metadata): ServerCall.Listener<ByteArray> {
        call.request(2)
        return object : ServerCall.Listener<ByteArray>() {
            override fun onMessage(request: ByteArray) {
                val token = headers.get(AUTHORIZATION).orEmpty().removePrefix("Bearer ")
                asked += Asked(method.substringAfterLast('/'), ByteString.copyFrom(request), token)
                call.request(1)
            }

            override fun onHalfClose() {
                val step = steps.removeFirstOrNull() ?: error("nothing in the script for $method")
                call.sendHeaders(Metadata())
                step.says.forEach { call.sendMessage(it.toByteArray()) }
                step.end?.let { call.close(it.status, it.trailers) }
            }

            override fun onCancel() {
                cancelled += 1
            }
        }
    }

    override fun close() {
        channels.forEach { it.shutdownNow() }
        server.shutdownNow()
    }
}

@OptIn(ExperimentalCoroutinesApi::class)
private fun TestScope.clock(): TimeSource = testTimeSource

private object Bytes : MethodDescriptor.Marshaller<ByteArray> {
    override fun stream(value: ByteArray): InputStream = ByteArrayInputStream(value)

    override fun parse(stream: InputStream): ByteArray = stream.readBytes()
}
