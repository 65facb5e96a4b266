/** What becomes of mutations that are not simply done? Nothing of a user's is lost, and nothing is sent again by itself. */
package tallystick.client.offline

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import tallystick.client.newId
import tallystick.v1.Entity
import tallystick.v1.ErrorReason
import tallystick.v1.MutationResult
import tallystick.v1.Outcome
import tallystick.v1.Rejection
import tallystick.v1.Replaced
import tallystick.v1.Tag
import tallystick.v1.UpdateTransactionRequest

private fun rejected(reason: ErrorReason): MutationResult.Builder.() -> Unit = { setRejection(Rejection.newBuilder().setReason(reason)) }

class RefusingTest {
    private fun onDevice(story: suspend Its.() -> Unit) = runBlocking { onDevice(MemoryStorage(), story) }

    /** Refuses one, and another that stands behind it. */
    private suspend fun Its.refuseTwo(): Pair<Done, Done> {
        book.pull(client)
        val first = book.submit(expense(space, 100))
        val second = book.submit(edit(first.ids.single()) { note = "later" })
        val why = rejected(ErrorReason.ERROR_REASON_ROLE_TOO_LOW)
        space.verdicts[first.requestId] = result(first.requestId, Outcome.OUTCOME_REJECTED, why)
        space.verdicts[second.requestId] = result(second.requestId, Outcome.OUTCOME_BLOCKED_BY) { setBlockedBy(first.requestId) }
        book.push(client)
        space.verdicts.clear()
        return first to second
    }

    @Test
    fun `what was refused lies in the tray, with what stands behind it, and is not shown`() = onDevice {
        val (first, second) = refuseTwo()
        assertEquals(0, book.count())
        val (one, two) = book.tray()
        assertEquals(first.requestId to ErrorReason.ERROR_REASON_ROLE_TOO_LOW, one.requestId to one.rejection?.reason)
        assertEquals(second.requestId to first.requestId, two.requestId to two.blockedBy)
        assertNull(two.rejection)
        book.push(client)
        assertEquals(2, space.pushed.size)
    }

    @Test
    fun `what is retried is made anew under other names, in its order`() = onDevice {
        val (first, second) = refuseTwo()
        book.retry(first.requestId)
        assertEquals(emptyList(), book.tray())
        book.sync(client)
        assertEquals("later", book.list(Kinds.TRANSACTION).single().note)
        val (one, two) = space.pushed.takeLast(2)
        assertNotEquals(first.requestId, requestIdOf(one))
        assertNotEquals(second.requestId, requestIdOf(two))
        assertEquals(listOf(requestIdOf(one)), two.seenRequestIdsList)
    }

    @Test
    fun `what is discarded is gone, alone or with what stands behind it`() = onDevice {
        val (first, second) = refuseTwo()
        book.discard(first.requestId, withBlocked = false)
        assertEquals(listOf(second.requestId), book.tray().map { it.requestId })
        book.discard(second.requestId)
        assertEquals(emptyList(), book.tray())
    }

    @Test
    fun `what a conflict keeps leaves the outbox`() = onDevice {
        val id = newId()
        space.act(expense(space, 100, id))
        book.pull(client)
        val done = book.submit(edit(id) { note = "mine" })
        space.verdicts[done.requestId] = result(done.requestId, Outcome.OUTCOME_CONFLICT)
        book.push(client)
        assertEquals(listOf(emptySet(), emptyList<Refused>()), listOf(book.pending(), book.tray()))
        assertEquals("", book.get(Kinds.TRANSACTION, id)?.note)
    }

    @Test
    fun `what took the place of others' is offered until it is forgotten`() = onDevice {
        val id = newId()
        val version = space.act(expense(space, 100, id))
        book.pull(client)
        val done = book.submit(edit(id) { note = "mine" })
        val before = Replaced.newBuilder().setBefore(Entity.newBuilder().setTag(Tag.newBuilder().setId(id))).addGroups("note")
        space.verdicts[done.requestId] = result(done.requestId, Outcome.OUTCOME_MERGED) { setVersion(version).addReplaced(before) }
        book.push(client)
        val replaced = book.replaced().single()
        assertEquals(done.requestId to listOf("note"), replaced.requestId to replaced.replaced.groupsList)
        book.forgetReplaced(replaced.position)
        assertEquals(emptyList(), book.replaced())
    }

    @Test
    fun `of two devices with one outbox the second takes names of its own, also where later commands say them`() = onDevice {
        book.pull(client)
        val id = newId()
        space.act(expense(space, 1, id))
        book.pull(client)
        val first = book.submit(edit(id) { note = "mine" })
        book.submit(edit(id) { payee = "mine" })
        // The other device has used the first name for something else.
        val taken = UpdateTransactionRequest.newBuilder().setRequestId(first.requestId).setTransactionId(id)
        space.verdicts[first.requestId] =
            result(taken.requestId, Outcome.OUTCOME_REJECTED, rejected(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED))
        book.sync(client)
        val shown = checkNotNull(book.get(Kinds.TRANSACTION, id))
        assertEquals("mine" to "mine", shown.note to shown.payee)
        assertEquals(emptyList(), book.tray())
        assertNotEquals(first.requestId, requestIdOf(space.pushed.last { it.updateTransaction.change.note == "mine" }))
    }

    @Test
    fun `what another device with the same outbox has made is not refused`() = onDevice {
        book.pull(client)
        val done = book.submit(expense(space, 100))
        space.verdicts[done.requestId] =
            result(done.requestId, Outcome.OUTCOME_REJECTED, rejected(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED))
        space.act(expense(space, 100, done.ids.single()))
        book.pull(client)
        space.verdictOnOthers = rejected(ErrorReason.ERROR_REASON_ID_TAKEN)
        book.push(client)
        assertEquals(listOf(emptySet(), emptyList<Refused>()), listOf(book.pending(), book.tray()))
        assertEquals(1, book.count())
    }

    @Test
    fun `what no call holds is refused at once`() = onDevice {
        book.pull(client)
        assertFailsWith<CommandTooLarge> { book.submit(edit(newId()) { note = "x".repeat(PUSH_BYTES_MAX) }) }
        assertEquals(emptySet(), book.pending())
    }

    @Test
    fun `one call holds what it may, the oldest first`() {
        fun row(position: Long, size: Int, sent: Boolean = false) =
            OutboxRow("a", position, "$position", emptyList(), ByteArray(size), sent)
        fun batch(vararg rows: OutboxRow) = takeBatch(rows.toList()).map { it.position }
        assertEquals(listOf(2L, 3L), batch(row(1, 1, sent = true), row(2, PUSH_BYTES_MAX - 1), row(3, 1), row(4, 1)))
        assertEquals(listOf(1L), batch(row(1, PUSH_BYTES_MAX * 2), row(2, 1)))
        assertEquals(500, batch(*Array(501) { row(it.toLong(), 1) }).size)
    }

    @Test
    fun `an app hears of what happens`() = onDevice {
        book.pull(client)
        val heard = coroutineScope {
            val first = async { book.news.first() }
            while (!first.isCompleted) {
                book.submit(expense(space, 1))
                delay(1)
            }
            first.await()
        }
        assertEquals(BookNews.OUTBOX, heard)
    }

    @Test
    fun `whoever looks sees what is there, and what comes`() = onDevice {
        book.pull(client)
        val seen = mutableListOf<Int>()
        book.observe { count() }.first {
            seen += it
            if (it == 0) book.submit(expense(space, 1))
            it > 0
        }
        assertEquals(listOf(0, 1), seen)
    }
}
