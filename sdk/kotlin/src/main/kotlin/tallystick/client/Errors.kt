/** Why did a call fail? Each family of failures has a class, and each failure a reason. Messages may change, reasons do not. */
package tallystick.client

import com.google.protobuf.ByteString
import com.google.protobuf.InvalidProtocolBufferException
import com.google.protobuf.MessageLite
import com.google.protobuf.Parser
import io.grpc.Metadata
import io.grpc.Status
import io.grpc.StatusException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds
import tallystick.rpc.BadRequest
import tallystick.rpc.ErrorInfo
import tallystick.rpc.RetryInfo

private const val DOMAIN = "tallystick"
internal const val INVALID_TOKEN = "INVALID_TOKEN"
private val DETAILS = Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER)

/** A field that breaks the contract. */
public class FieldViolation(
    /** The path of the field in the request, such as `amount.minor`. */
    public val field: String,
    /** The rule it breaks, such as `string.uuid`. */
    public val rule: String,
    /** What is wrong, for developers. */
    public val description: String,
) {
    override fun toString(): String = "$field: $description"
}

/** What a failed call says of itself. */
public class Failure(
    /** The gRPC status. */
    public val code: Status.Code,
    /** What is wrong, for developers. */
    public val message: String = "",
    /** Why, as `ErrorReason` names it without its prefix. Null when no server of ours said it, such as a lost connection. */
    public val reason: String? = null,
    /** Facts beside the reason. */
    public val metadata: Map<String, String> = emptyMap(),
    /** Which fields break the contract, when some do. */
    public val violations: List<FieldViolation> = emptyList(),
    /** How long to wait before the next try, when the server says so. */
    public val retryAfter: Duration? = null,
)

/** A call that failed. */
public open class TallystickException(private val failure: Failure, cause: Throwable? = null) :
    RuntimeException(if (failure.reason == null) failure.message else "${failure.reason}: ${failure.message}", cause) {
    /** The gRPC status. */
    public val code: Status.Code get() = failure.code

    /** Why, as `ErrorReason` names it without its prefix. Null when no server of ours said it, such as a lost connection. */
    public val reason: String? get() = failure.reason

    /** Facts beside the reason. */
    public val metadata: Map<String, String> get() = failure.metadata

    /** Which fields break the contract, when some do. */
    public val violations: List<FieldViolation> get() = failure.violations

    /** How long to wait before the next try, when the server says so. */
    public val retryAfter: Duration? get() = failure.retryAfter

    /** Whether the same call, with the same request id, may succeed later: nobody knows yet whether it happened. */
    public val mayRepeat: Boolean get() = this is Unavailable || this is DeadlineExceeded || retryAfter != null
}

/** The request breaks a rule: `violations` names the fields. */
public class InvalidArgument(failure: Failure, cause: Throwable? = null) : TallystickException(failure, cause)

/** Nobody is signed in, or not with this. */
public class Unauthenticated(failure: Failure, cause: Throwable? = null) : TallystickException(failure, cause)

/** The caller's role is too low. */
public class PermissionDenied(failure: Failure, cause: Throwable? = null) : TallystickException(failure, cause)

/** It is not there, or was never the caller's to see. */
public class NotFound(failure: Failure, cause: Throwable? = null) : TallystickException(failure, cause)

/** The id is taken. */
public class AlreadyExists(failure: Failure, cause: Throwable? = null) : TallystickException(failure, cause)

/** The state of things does not allow it. */
public class FailedPrecondition(failure: Failure, cause: Throwable? = null) : TallystickException(failure, cause)

/** It was changed meanwhile. */
public class Aborted(failure: Failure, cause: Throwable? = null) : TallystickException(failure, cause)

/** Too much or too often: `retryAfter` may say until when. */
public class ResourceExhausted(failure: Failure, cause: Throwable? = null) : TallystickException(failure, cause)

/** Nobody answers: the same call may be repeated. */
public class Unavailable(failure: Failure, cause: Throwable? = null) : TallystickException(failure, cause)

/** No answer in time: the same call may be repeated. */
public class DeadlineExceeded(failure: Failure, cause: Throwable? = null) : TallystickException(failure, cause)

/** A fault of the server. */
public class Internal(failure: Failure, cause: Throwable? = null) : TallystickException(failure, cause)

/** Reads a failed call. */
internal fun errorOf(failed: StatusException): TallystickException {
    val failure = readFailure(failed.status, failed.trailers)
    return when (failure.code) {
        Status.Code.INVALID_ARGUMENT -> InvalidArgument(failure, failed)
        Status.Code.UNAUTHENTICATED -> Unauthenticated(failure, failed)
        Status.Code.PERMISSION_DENIED -> PermissionDenied(failure, failed)
        Status.Code.NOT_FOUND -> NotFound(failure, failed)
        Status.Code.ALREADY_EXISTS -> AlreadyExists(failure, failed)
        Status.Code.FAILED_PRECONDITION -> FailedPrecondition(failure, failed)
        Status.Code.ABORTED -> Aborted(failure, failed)
        Status.Code.RESOURCE_EXHAUSTED -> ResourceExhausted(failure, failed)
        Status.Code.UNAVAILABLE -> Unavailable(failure, failed)
        Status.Code.DEADLINE_EXCEEDED -> DeadlineExceeded(failure, failed)
        Status.Code.INTERNAL -> Internal(failure, failed)
        else -> TallystickException(failure, failed)
    }
}

private fun readFailure(status: Status, trailers: Metadata?): Failure {
    val details = readDetails(status, trailers)
    val info = details.find(ErrorInfo.parser(), "ErrorInfo")?.takeIf { it.domain == DOMAIN }
    val fields = details.find(BadRequest.parser(), "BadRequest")?.fieldViolationsList.orEmpty()
    val delay = details.find(RetryInfo.parser(), "RetryInfo")?.retryDelay
    return Failure(
        code = status.code,
        message = status.description ?: status.code.name,
        reason = info?.reason,
        metadata = info?.metadataMap.orEmpty(),
        violations = fields.map { FieldViolation(it.field, it.reason, it.description) },
        retryAfter = delay?.let { it.seconds.seconds + it.nanos.nanoseconds },
    )
}

/** By the name of each message. Empty when the details contradict the status: a proxy on the way has answered instead. */
private fun readDetails(status: Status, trailers: Metadata?): Map<String, ByteString> {
    val told = trailers?.get(DETAILS)?.let { read(tallystick.rpc.Status.parser(), ByteString.copyFrom(it)) }
    if (told == null || told.code != status.code.value()) return emptyMap()
    return told.detailsList.associate { it.typeUrl.substringAfterLast('/') to it.value }
}

private fun <T : MessageLite> Map<String, ByteString>.find(parser: Parser<T>, name: String): T? =
    this["google.rpc.$name"]?.let { read(parser, it) }

private fun <T : MessageLite> read(parser: Parser<T>, bytes: ByteString): T? =
    try {
        parser.parseFrom(bytes)
    } catch (_: InvalidProtocolBufferException) {
        null
    }
