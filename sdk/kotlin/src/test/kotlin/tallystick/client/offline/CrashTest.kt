/** Is anything lost or done twice when the process dies between any two statements? It dies at every third in turn. */
package tallystick.client.offline

import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import tallystick.client.Client

class CrashTest {
    @TempDir lateinit var folder: File

    /** What a device does from its first start until all is sent. `kept`: the ids of what `submit` has returned for. */
    private suspend fun use(space: Space, client: Client, storage: Storage, kept: MutableList<String>) {
        val book = OfflineBook.open(storage, space.id)
        book.pull(client)
        while (kept.size < 2) kept += book.submit(expense(space, 100)).ids
        book.sync(client)
    }

    @Test
    fun `whoever begins again ends up with all that was kept, once`() = runBlocking {
        var lives = 0
        var ended = false
        while (!ended) {
            Space().use { space ->
                space.pageSize = 1
                space.act(expense(space, 10))
                val file = File(folder, "$lives.db")
                val kept = mutableListOf<String>()
                val used = runCatching {
                    SqliteStorage.open(file) { Dying(JdbcDatabase(it), lives) }.use { use(space, space.client(), it, kept) }
                }
                used.onFailure { assertIs<Dead>(it) }
                ended = used.isSuccess
                SqliteStorage.open(file).use { revived -> check(space, revived, kept, "after $lives statements") }
            }
            lives += STEP
        }
        assertTrue(lives > STATEMENTS_MIN)
    }

    private suspend fun check(space: Space, storage: Storage, kept: MutableList<String>, place: String) {
        val before = kept.toList()
        use(space, space.client(), storage, kept)
        val book = OfflineBook.open(storage, space.id)
        val there = book.list(Kinds.TRANSACTION).map { it.id }
        assertTrue(there.containsAll(before), place)
        val requests = space.pushed.map(::requestIdOf).distinct()
        assertEquals(requests.size + 1, there.size, place)
        assertEquals(-10 - 100L * requests.size, book.held(), place)
        assertEquals(emptySet(), book.pending(), place)
        assertEquals(emptyList(), book.tray(), place)
    }
}

private const val STATEMENTS_MIN = 40

// A step has several statements, and dies at one or another: all of them would take three times as long.
private const val STEP = 3
