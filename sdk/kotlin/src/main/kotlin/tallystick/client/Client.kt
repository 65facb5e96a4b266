/** How does an app reach a server? Through one object with a typed stub for each service. */
package tallystick.client

import io.grpc.ManagedChannel
import io.grpc.okhttp.OkHttpChannelBuilder
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import tallystick.v1.AuthServiceGrpcKt.AuthServiceCoroutineStub
import tallystick.v1.BackupServiceGrpcKt.BackupServiceCoroutineStub
import tallystick.v1.BudgetServiceGrpcKt.BudgetServiceCoroutineStub
import tallystick.v1.ExportServiceGrpcKt.ExportServiceCoroutineStub
import tallystick.v1.FileServiceGrpcKt.FileServiceCoroutineStub
import tallystick.v1.GroupServiceGrpcKt.GroupServiceCoroutineStub
import tallystick.v1.ImportServiceGrpcKt.ImportServiceCoroutineStub
import tallystick.v1.LedgerServiceGrpcKt.LedgerServiceCoroutineStub
import tallystick.v1.LoginResponse
import tallystick.v1.NotificationServiceGrpcKt.NotificationServiceCoroutineStub
import tallystick.v1.ReportServiceGrpcKt.ReportServiceCoroutineStub
import tallystick.v1.SettingsServiceGrpcKt.SettingsServiceCoroutineStub
import tallystick.v1.SpaceServiceGrpcKt.SpaceServiceCoroutineStub
import tallystick.v1.StatusServiceGrpcKt.StatusServiceCoroutineStub
import tallystick.v1.SyncServiceGrpcKt.SyncServiceCoroutineStub
import tallystick.v1.WebhookServiceGrpcKt.WebhookServiceCoroutineStub

private val DEFAULT_TIMEOUT = 30.seconds

// A page of changes is about as large as was asked for, but a commit is never cut.
private const val LARGEST_ANSWER_BYTES = 64 * 1024 * 1024

// A connection of which nothing is heard while a call waits is asked whether it lives. Networks of telephones forget silently.
private val PING_AFTER = 45.seconds
private val THIS_MACHINE = Regex("(?:dns:/*)?(?:localhost|127\\.0\\.0\\.1|\\[::1])(?::\\d+)?")

/**
 * A stub for each service. Every failed call throws a [TallystickException]. Coroutines may share it.
 *
 * Calls end after `timeout`, unless their stub has a deadline of its own: `ledger.withDeadlineAfter(5, TimeUnit.SECONDS)`. Their
 * repeats are within that time.
 */
public class Client internal constructor(
    private val plain: ManagedChannel,
    store: TokenStore,
    timeout: Duration,
    internal val retries: Retries,
    clock: TimeSource,
    now: () -> Long,
) : AutoCloseable {
    /**
     * By a channel of the app's own, such as one of Android's that knows when the network comes back, or a proxy. The client closes it.
     */
    public constructor(
        channel: ManagedChannel,
        tokens: TokenStore = MemoryTokens(),
        timeout: Duration = DEFAULT_TIMEOUT,
        retries: Retries = Retries(),
    ) : this(channel, tokens, timeout, retries, TimeSource.Monotonic, ::unixSeconds)

    /** By its address, such as `money.example.com:443`. Without encryption to this machine, or if `plaintext` says so; else with TLS. */
    public constructor(
        target: String,
        tokens: TokenStore = MemoryTokens(),
        plaintext: Boolean = false,
        timeout: Duration = DEFAULT_TIMEOUT,
        retries: Retries = Retries(),
    ) : this(openChannel(target, plaintext), tokens, timeout, retries)

    // Else grpc waits ever longer between connections, and what is tried meanwhile fails at once.
    private fun reconnect() = plain.resetConnectBackoff()

    internal val session: Session =
        Session(store, AuthServiceCoroutineStub(CallingChannel(plain, Calls(Nobody, retries, timeout, clock, ::reconnect))), now)
    private val channel = CallingChannel(plain, Calls(session, retries, timeout, clock, ::reconnect))

    /** Signing up, signing in, and what belongs to the user alone. */
    public val auth: AuthServiceCoroutineStub = AuthServiceCoroutineStub(channel)

    /** Who shares a space, and how others come to share it. */
    public val spaces: SpaceServiceCoroutineStub = SpaceServiceCoroutineStub(channel)

    /** Books and the money in them. */
    public val ledger: LedgerServiceCoroutineStub = LedgerServiceCoroutineStub(channel)

    /** What people mean to spend. */
    public val budgets: BudgetServiceCoroutineStub = BudgetServiceCoroutineStub(channel)

    /** Groups that share expenses. */
    public val groups: GroupServiceCoroutineStub = GroupServiceCoroutineStub(channel)

    /** What the money in a book comes to. */
    public val reports: ReportServiceCoroutineStub = ReportServiceCoroutineStub(channel)

    /** What the user wants to see, and how. */
    public val settings: SettingsServiceCoroutineStub = SettingsServiceCoroutineStub(channel)

    /** Receipts, statements and documents. */
    public val files: FileServiceCoroutineStub = FileServiceCoroutineStub(channel)

    /** What the user should know of. */
    public val notifications: NotificationServiceCoroutineStub = NotificationServiceCoroutineStub(channel)

    /** Addresses that are told what happens in a space. */
    public val webhooks: WebhookServiceCoroutineStub = WebhookServiceCoroutineStub(channel)

    /** What is kept, as files. */
    public val exports: ExportServiceCoroutineStub = ExportServiceCoroutineStub(channel)

    /** Files of banks and other programs, on their way into a book. */
    public val imports: ImportServiceCoroutineStub = ImportServiceCoroutineStub(channel)

    /** What the user takes away whole, and brings back. */
    public val backups: BackupServiceCoroutineStub = BackupServiceCoroutineStub(channel)

    /** Copies of spaces on devices. [watch] says when to pull. */
    public val sync: SyncServiceCoroutineStub = SyncServiceCoroutineStub(channel)

    /** How the server is. */
    public val status: StatusServiceCoroutineStub = StatusServiceCoroutineStub(channel)

    /** Who is signed in. */
    public suspend fun tokens(): Tokens = session.tokens()

    /** Begins a session. Its tokens are in the token store when this returns. */
    public suspend fun signIn(email: String, password: String, deviceName: String = ""): LoginResponse =
        session.signIn(email, password, deviceName)

    /** Ends the session, and forgets its tokens. */
    public suspend fun signOut(): Unit = session.signOut()

    /** Ends what is under way. */
    override fun close() {
        plain.shutdownNow()
    }
}

private fun unixSeconds(): Long = TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis())

internal fun isThisMachine(target: String): Boolean = THIS_MACHINE.matches(target)

private fun openChannel(target: String, plaintext: Boolean): ManagedChannel {
    val builder = OkHttpChannelBuilder.forTarget(target)
        .maxInboundMessageSize(LARGEST_ANSWER_BYTES)
        .keepAliveTime(PING_AFTER.inWholeSeconds, TimeUnit.SECONDS)
    if (plaintext || isThisMachine(target)) builder.usePlaintext()
    return builder.build()
}
