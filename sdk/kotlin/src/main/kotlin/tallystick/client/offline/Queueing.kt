/** How does a command get into the outbox, and how out of the tray? */
package tallystick.client.offline

import com.google.protobuf.Timestamp
import tallystick.client.build
import tallystick.v1.Mutation

private const val SEEN_MAX = 500
private const val MS_PER_S = 1_000L
private const val NANOS_PER_MS = 1_000_000L

// Below what the server takes, so that there is room for what stands around them.
internal const val PUSH_BYTES_MAX = 1_000_000

/** A command is larger than one call may be. */
public class CommandTooLarge(message: String) : IllegalArgumentException(message)

/** Puts a command at the end of the outbox, with what it was made on. */
internal fun enqueue(tx: WriteTx, spaceId: String, command: Mutation): OutboxRow {
    val outbox = tx.all(OUTBOX, listOf(spaceId))
    val targets = (targetsOf(command, spaceId) + plansOf(tx, spaceId, command, outbox)).distinct()
    val seen = outbox.filter { row -> row.targets.any(targets::contains) }.takeLast(SEEN_MAX)
    val mutation = command.toBuilder().clearSeenRequestIds().clearBaseVersion().build {
        addAllSeenRequestIds(seen.map { it.requestId })
        madeAt = now()
        if (!isNew(command)) baseOf(tx, spaceId, command, targets)?.let { baseVersion = it }
    }
    val body = mutation.toByteArray()
    if (body.size > PUSH_BYTES_MAX) throw CommandTooLarge("${body.size} bytes, and a call holds $PUSH_BYTES_MAX")
    return OutboxRow(spaceId, takeNext(tx, spaceId), requestIdOf(command), targets, body).also { tx.put(OUTBOX, it) }
}

private fun now(): Timestamp {
    val ms = System.currentTimeMillis()
    return Timestamp.newBuilder().build {
        seconds = ms.floorDiv(MS_PER_S)
        nanos = (ms.mod(MS_PER_S) * NANOS_PER_MS).toInt()
    }
}

/** The plan changes with the settlement that pays it. */
private fun plansOf(tx: ReadTx, spaceId: String, command: Mutation, outbox: List<OutboxRow>): List<String> {
    val settlement = targetsOf(command, spaceId).firstOrNull()?.takeIf { it.startsWith(Kinds.SETTLEMENT.name + "/") } ?: return emptyList()
    val row = tx.get(ENTITIES, listOf(spaceId, readSpace(tx, spaceId).copy, Kinds.SETTLEMENT.name, idIn(settlement)))
    val planId = row?.let { Kinds.SETTLEMENT.decode(it.body).planId }.orEmpty()
    if (planId.isNotEmpty()) return listOf(targetOf(Kinds.SETTLEMENT_PLAN, planId))
    val waiting = outbox.filter { settlement in it.targets }.flatMap { it.targets }
    return waiting.filter { it.startsWith(Kinds.SETTLEMENT_PLAN.name + "/") }
}

/** The newest version of what a command changes: in the copy, none of the others has changed since. */
private fun baseOf(tx: ReadTx, spaceId: String, command: Mutation, targets: List<String>): Long? {
    val space = readSpace(tx, spaceId)
    val versions = targets.flatMap { target ->
        val prefix = listOf(spaceId, space.copy, kindIn(target))
        // A user's own profile is named by no command.
        val id = idIn(target)
        tx.all(ENTITIES, if (id.isEmpty()) prefix else prefix + id).map { it.version }
    }
    // What unlinks a group changes all that the link has made.
    return if (versions.isNotEmpty() && command.hasUnlinkGroup()) space.version else versions.maxOrNull()
}

/** What the user decides to do after all is made now, on what is there now. Its name stays, unless one is given: it may have arrived. */
internal fun requeue(tx: WriteTx, spaceId: String, body: ByteArray, requestId: String? = null) {
    val mutation = Mutation.parseFrom(body)
    if (mutation.commandCase == Mutation.CommandCase.COMMAND_NOT_SET) return
    enqueue(tx, spaceId, if (requestId == null) mutation else withRequestId(mutation, requestId))
}

/** A refused mutation and, if wanted, all that it stands in the way of, in the order in which they were made. */
internal fun findRefused(tx: ReadTx, spaceId: String, requestId: String, withBlocked: Boolean): List<TrayRow> {
    val tray = tx.all(TRAY, listOf(spaceId))
    val wanted = mutableSetOf(requestId)
    do {
        val grew = withBlocked && wanted.addAll(tray.filter { it.blockedBy in wanted }.map { it.requestId })
    } while (grew)
    return tray.filter { it.requestId in wanted }
}

internal fun kindIn(target: String): String = target.substringBefore('/')

internal fun idIn(target: String): String = target.substringAfter('/')
