/** Are tokens in a file safe from others, from crashes, and from versions of tomorrow? */
package tallystick.client

import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import org.junit.jupiter.api.io.TempDir

private const val HOLDER = """
import fcntl, sys
held = open(sys.argv[1], "w")
fcntl.lockf(held, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""

class FileTokensTest {
    @TempDir lateinit var folder: File

    private val file get() = File(folder, "tokens")
    private val tokens = Tokens("a=1\n", 5, "r\\ü", "id", "s", "ann", "d")

    @Test
    fun `what was saved is there at the next start`() = runBlocking {
        assertEquals(Tokens(), FileTokens(file).load())
        FileTokens(file).save(Tokens("before"))
        FileTokens(file).save(tokens)
        assertEquals(tokens, FileTokens(file).load())
        assertEquals(listOf("tokens"), folder.list()!!.toList())
        val mode = ProcessBuilder("stat", "-c", "%a", file.path).start().inputStream.reader().readText().trim()
        assertEquals("600", mode)
    }

    @Test
    fun `a file of another version is read`() = runBlocking {
        file.writeText("access_token=a\nof_tomorrow=1\n")
        assertEquals(Tokens(accessToken = "a"), FileTokens(file).load())
    }

    @Test
    fun `another process has its turn first`() = runBlocking {
        val other = ProcessBuilder("python3", "-c", HOLDER, "$file.lock").start()
        assertEquals("held", other.inputStream.bufferedReader().readLine())
        val turn = async { FileTokens(file).turn { "now" } }
        assertNull(withTimeoutOrNull(200) { turn.await() })
        // Whatever becomes of it.
        other.destroyForcibly()
        assertEquals("now", turn.await())
    }

    @Test
    fun `those who share a file take turns`() = runBlocking {
        var inside = 0
        List(20) {
            async {
                FileTokens(file).turn {
                    inside += 1
                    repeat(3) { yield() }
                    assertEquals(1, inside)
                    inside -= 1
                }
            }
        }.awaitAll()
        assertFailsWith<IllegalStateException> { FileTokens(file).turn { error("no") } }
        assertEquals("next", FileTokens(file).turn { "next" })
    }
}
