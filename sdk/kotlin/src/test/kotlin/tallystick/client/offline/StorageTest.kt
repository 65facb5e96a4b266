/** Does a storage keep what it was given, wholly or not at all? */
package tallystick.client.offline

import java.io.File
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource

private const val LONG = 9_007_199_254_740_993

class StorageTest {
    @TempDir lateinit var folder: File

    private suspend fun open(name: String): Storage = if (name == "memory") MemoryStorage() else FileDevice(folder).open()

    private fun draft(position: Long, spaceId: String = "a") = DraftRow(spaceId, position, byteArrayOf(position.toByte()))

    private fun each(name: String, story: suspend (Storage) -> Unit) = runBlocking { open(name).use { story(it) } }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "sqlite"])
    fun `a row comes back as it was`(name: String) = each(name) { storage ->
        val space = SpaceRow("a", 3, "cursor", LONG, 7, Shadow(4, "other", LONG + 1))
        val sent = OutboxRow("a", 5, "r", listOf("account/1", "profile/"), byteArrayOf(1, 0, -1), sent = true, version = 9, reissued = true)
        storage.write { tx ->
            tx.put(SPACES, space)
            tx.put(SPACES, SpaceRow("b"))
            tx.put(OUTBOX, sent)
            tx.put(TRAY, TrayRow("a", 6, "r", "", byteArrayOf(), byteArrayOf()))
            tx.put(ENTITIES, EntityRow("a", 3, "tag", "1", LONG, true, byteArrayOf(7)))
        }
        storage.read { tx ->
            assertEquals(space, tx.get(SPACES, listOf("a")))
            assertEquals(SpaceRow("b"), tx.get(SPACES, listOf("b")))
            val found = checkNotNull(tx.get(OUTBOX, listOf("a", 5L)))
            assertContentEquals(sent.body, found.body)
            assertEquals(sent, found.copy(body = sent.body))
            assertEquals(0, tx.get(TRAY, listOf("a", 6L))?.rejection?.size)
            val entity = checkNotNull(tx.get(ENTITIES, listOf("a", 3L, "tag", "1")))
            assertEquals(LONG to true, entity.version to entity.deleted)
        }
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "sqlite"])
    fun `of a step that fails nothing stays`(name: String) = each(name) { storage ->
        storage.write { it.put(DRAFTS, draft(1)) }
        assertFailsWith<Dead> {
            storage.write { tx ->
                tx.deleteAll(DRAFTS, listOf("a"))
                tx.put(DRAFTS, draft(2))
                assertEquals(listOf(2L), tx.all(DRAFTS, listOf("a")).map { it.position })
                throw Dead()
            }
        }
        assertEquals(listOf(1L), storage.read { it.all(DRAFTS, listOf("a")) }.map { it.position })
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "sqlite"])
    fun `rows are listed by the beginnings of their keys, numbers in their order`(name: String) = each(name) { storage ->
        storage.write { tx -> listOf(draft(10), draft(2), draft(1, "b")).forEach { tx.put(DRAFTS, it) } }
        suspend fun positions() = storage.read { it.all(DRAFTS, listOf("a")) }.map { it.position }
        assertEquals(listOf(2L, 10L), positions())
        storage.write { it.delete(DRAFTS, listOf("a", 2L)) }
        assertEquals(listOf(10L), positions())
        storage.write { it.deleteAll(DRAFTS, listOf("a")) }
        assertEquals(emptyList(), positions())
        assertEquals(1, storage.read { it.all(DRAFTS, listOf("b")) }.size)
    }

    @ParameterizedTest
    @ValueSource(strings = ["memory", "sqlite"])
    fun `who runs alone is not joined by another`(name: String) = each(name) { storage ->
        val other = if (name == "memory") storage else open(name)
        val steps = mutableListOf<String>()
        runBlocking {
            val isIn = CompletableDeferred<Unit>()
            val mayGo = CompletableDeferred<Unit>()
            launch {
                storage.alone("x/y") {
                    isIn.complete(Unit)
                    mayGo.await()
                    steps += "one"
                }
            }
            launch {
                isIn.await()
                launch { other.alone("x/y") { steps += "two" } }
                other.alone("x/z") { steps += "elsewhere" }
                mayGo.complete(Unit)
            }
        }
        assertEquals(listOf("elsewhere", "one", "two"), steps)
    }

    @Test
    fun `what was written is there for whoever opens the file next`() = runBlocking {
        open("sqlite").use { storage -> storage.write { it.put(DRAFTS, draft(1)) } }
        open("sqlite").use { storage -> assertEquals(1, storage.read { it.all(DRAFTS, listOf("a")) }.size) }
    }

    @Test
    fun `two who have the file open see what the other has written`() = runBlocking {
        open("sqlite").use { one ->
            open("sqlite").use { other ->
                one.write { it.put(DRAFTS, draft(1)) }
                other.write { tx -> tx.put(DRAFTS, draft(tx.all(DRAFTS, listOf("a")).single().position + 1)) }
                assertEquals(listOf(1L, 2L), one.read { it.all(DRAFTS, listOf("a")) }.map { it.position })
            }
        }
    }

    @Test
    fun `nobody but its owner may read the file, or what lies beside it`() = runBlocking {
        open("sqlite").use { storage ->
            storage.write { it.put(DRAFTS, draft(1)) }
            val copies = checkNotNull(folder.listFiles()).filter { it.name.startsWith("copies.db") && it.length() > 0 }
            assertTrue(copies.size >= 2, "$copies")
            for (file in copies) {
                val others = java.nio.file.Files.getPosixFilePermissions(file.toPath()).map { it.name }.filterNot { it.startsWith("OWNER") }
                assertEquals(emptyList(), others, file.name)
            }
        }
    }

    @Test
    fun `a file of a newer version is left alone`() = runBlocking {
        open("sqlite").close()
        JdbcDatabase(FileDevice(folder).file).use { it.execute("PRAGMA user_version = 2") }
        assertFailsWith<NewerFile> { open("sqlite") }
        JdbcDatabase(FileDevice(folder).file).use { assertEquals(listOf(listOf<Any>(2L)), it.query("PRAGMA user_version")) }
    }

    @Test
    fun `a file whose making was broken off is made by the next`() = runBlocking {
        var lives = 0
        while (true) {
            val file = File(folder, "broken-$lives.db")
            val whole = runCatching { SqliteStorage.open(file) { Dying(JdbcDatabase(it), lives) }.close() }.isSuccess
            SqliteStorage.open(file).use { storage -> assertNull(storage.read { it.get(SPACES, listOf("a")) }) }
            if (whole) break
            lives += 1
        }
        assertTrue(lives > TABLES.size)
    }
}
