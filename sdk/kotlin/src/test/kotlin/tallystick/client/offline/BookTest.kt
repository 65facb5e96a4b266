/** Does a book show what is and what was done, whatever is lost on the way? On every kind of storage. */
package tallystick.client.offline

import io.grpc.Status
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import tallystick.client.PermissionDenied
import tallystick.client.newId
import tallystick.v1.DeleteTransactionRequest

@ParameterizedTest(name = "{0}")
@ValueSource(strings = ["memory", "sqlite"])
annotation class OnEveryStorage

class BookTest {
    @TempDir lateinit var folder: File

    private fun on(name: String, story: suspend Its.() -> Unit) = runBlocking {
        onDevice(if (name == "memory") MemoryStorage() else FileDevice(folder).open(), story)
    }

    /** As after the app was killed. */
    private suspend fun Its.reopened(): OfflineBook = OfflineBook.open(storage, space.id)

    @OnEveryStorage
    fun `a first sync shows nothing until it is whole, and then everything`(name: String) = on(name) {
        repeat(5) { space.act(expense(space, 100)) }
        space.pageSize = 2
        space.failures += Space.Failing.Cut
        space.failNext(Status.Code.PERMISSION_DENIED, "ROLE_TOO_LOW")
        assertFailsWith<PermissionDenied> { book.pull(client) }
        assertEquals(0 to "", book.count() to book.cursor())
        assertEquals("1:2", storage.read { readSpace(it, space.id) }.cursorToPull)
        val again = reopened()
        again.pull(client)
        assertEquals(listOf(5, -500L, space.cursor), listOf(again.count(), again.held(), again.cursor()))
    }

    @OnEveryStorage
    fun `what was done is kept and shown before the server knows`(name: String) = on(name) {
        book.pull(client)
        val (id) = book.submit(expense(space, 1230)).ids
        val again = reopened()
        assertEquals(-1230, again.get(Kinds.TRANSACTION, id)?.getEntries(0)?.amount?.minor)
        assertEquals(-1230, again.held())
        assertEquals(setOf(id), again.pending())
        again.sync(client)
        assertEquals(emptySet(), again.pending())
        assertEquals(-1230, again.held())
        assertEquals(1, space.pushed.size)
    }

    @OnEveryStorage
    fun `what was sent is shown until the copy holds it, and never twice`(name: String) = on(name) {
        book.pull(client)
        book.submit(expense(space, 100))
        book.push(client)
        assertEquals(1 to -100L, book.pending().size to book.held())
        assertFalse(book.push(client))
        book.pull(client)
        assertEquals(0 to -100L, book.pending().size to book.held())
    }

    @OnEveryStorage
    fun `an answer that was lost is asked for again with the same bytes`(name: String) = on(name) {
        book.pull(client)
        book.submit(expense(space, 100))
        space.failures += Space.Failing.Cut
        book.push(client)
        assertEquals(2, space.pushed.size)
        assertEquals(space.pushed[0], space.pushed[1])
        book.pull(client)
        assertEquals(1, book.count())
    }

    @OnEveryStorage
    fun `a device never conflicts with itself, because later edits name the earlier ones`(name: String) = on(name) {
        val id = newId()
        val version = space.act(expense(space, 100, id))
        book.pull(client)
        val first = book.submit(edit(id) { note = "one" })
        val second = book.submit(edit(id.uppercase()) { note = "two" })
        book.submit(expense(space, 5))
        book.push(client)
        val (one, two, three) = space.pushed
        assertEquals(version to emptyList<String>(), one.baseVersion to one.seenRequestIdsList)
        assertEquals(version to listOf(first.requestId), two.baseVersion to two.seenRequestIdsList)
        assertEquals(second.requestId, requestIdOf(two))
        assertEquals(false to emptyList<String>(), three.hasBaseVersion() to three.seenRequestIdsList)
    }

    @OnEveryStorage
    fun `others' changes come in under what waits`(name: String) = on(name) {
        val id = newId()
        space.act(expense(space, 100, id))
        book.pull(client)
        book.submit(edit(id) { note = "mine" })
        space.act(edit(id) { payee = "theirs" })
        book.pull(client)
        val shown = checkNotNull(book.get(Kinds.TRANSACTION, id))
        assertEquals("mine" to "theirs", shown.note to shown.payee)
    }

    @OnEveryStorage
    fun `a copy that differs from the space is found out and made anew`(name: String) = on(name) {
        val id = newId()
        space.act(expense(space, 100, id))
        book.pull(client)
        space.digest = checkNotNull(digestOf(storage.read { it.all(ENTITIES, listOf(space.id)) }))
        assertEquals(2, space.digest.liveCount)
        assertEquals(Verdict.SAME, book.verify(client))
        val copy = storage.read { readSpace(it, space.id).copy }
        storage.write { it.delete(ENTITIES, listOf(space.id, copy, "transaction", id)) }
        assertEquals(Verdict.MISMATCH, book.verify(client))
        assertEquals(1, book.count())
        assertEquals(Verdict.SAME, book.verify(client))
        space.act(expense(space, 1))
        assertEquals(Verdict.ELSEWHERE, book.verify(client))
    }

    @OnEveryStorage
    fun `what does not follow on the copy, or is older than what it has, changes nothing`(name: String) = on(name) {
        val id = newId()
        space.act(expense(space, 100, id))
        val older = space.journal.takeLast(1)
        space.act(edit(id) { note = "newer" })
        book.pull(client)
        val cursor = book.cursor()
        assertFalse(book.follow("elsewhere", "further", older))
        assertEquals(cursor, book.cursor())
        assertTrue(book.follow("elsewhere", cursor, older), "it is there already")
        storage.write { putChanges(it, space.id, readSpace(it, space.id).copy, older) }
        assertEquals("newer", book.get(Kinds.TRANSACTION, id)?.note)
        assertEquals(-100, book.held())
    }

    @OnEveryStorage
    fun `a space that was put back makes the copy anew, and what it lost is sent again`(name: String) = on(name) {
        book.pull(client)
        book.submit(expense(space, 100))
        book.push(client)
        space.goBack()
        book.submit(expense(space, 10))
        book.sync(client)
        assertEquals(listOf(2, -110L, emptySet<String>()), listOf(book.count(), book.held(), book.pending()))
        assertEquals(2, space.journal.count { it.entity.hasTransaction() })
    }

    @OnEveryStorage
    fun `what is deleted counts no more`(name: String) = on(name) {
        val id = newId()
        space.act(expense(space, 100, id))
        book.pull(client)
        book.submit(DeleteTransactionRequest.newBuilder().setTransactionId(id).build())
        assertEquals(0, book.held())
        book.sync(client)
        assertEquals(0, book.held())
        assertNull(book.get(Kinds.TRANSACTION, id))
    }

    @OnEveryStorage
    fun `a cursor that cannot be read makes the copy anew`(name: String) = on(name) {
        book.pull(client)
        space.act(expense(space, 100))
        space.failNext(Status.Code.INVALID_ARGUMENT, "INVALID_CURSOR")
        book.pull(client)
        assertEquals(1 to space.cursor, book.count() to book.cursor())
    }

    @OnEveryStorage
    fun `a space that was lost leaves drafts and nothing else, and they can be put back`(name: String) = on(name) {
        space.act(expense(space, 100))
        book.pull(client)
        val done = book.submit(expense(space, 10))
        space.failNext(Status.Code.NOT_FOUND, "NOT_FOUND")
        book.sync(client)
        assertEquals(listOf(0, 0, ""), listOf(book.count(), book.balances().size, book.cursor()))
        assertEquals(emptyList(), storage.read { it.all(ENTITIES, listOf(space.id)) })
        val draft = book.drafts().single()
        assertEquals(done.requestId, requestIdOf(draft.mutation))
        book.pull(client)
        book.putBack(draft.position)
        assertEquals(-110, book.held())
        book.sync(client)
        assertEquals(2 to 0, book.count() to book.drafts().size)
    }
}
