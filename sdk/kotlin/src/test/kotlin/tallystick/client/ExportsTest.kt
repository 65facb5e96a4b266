/** Is there a file only if all of it has come? */
package tallystick.client

import com.google.protobuf.ByteString
import io.grpc.Status
import java.io.File
import java.security.MessageDigest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import tallystick.v1.ExportEnd
import tallystick.v1.ExportHeader
import tallystick.v1.ExportProgress
import tallystick.v1.ExportRequest
import tallystick.v1.ExportResponse

private val CONTENT = "a,b\n1,2\n".toByteArray()

private fun header(name: String) =
    ExportResponse.newBuilder().setHeader(ExportHeader.newBuilder().setFileName(name).setItems(2)).build()

private val PROGRESS = ExportResponse.newBuilder().setProgress(ExportProgress.newBuilder().setItems(1)).build()

private fun chunk(bytes: ByteArray) = ExportResponse.newBuilder().setChunk(ByteString.copyFrom(bytes)).build()

private fun end(bytes: ByteArray): ExportResponse {
    val hash = ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(bytes))
    return ExportResponse.newBuilder().setEnd(ExportEnd.newBuilder().setSizeBytes(bytes.size.toLong()).setSha256(hash)).build()
}

class ExportsTest {
    @TempDir lateinit var folder: File

    private fun export(vararg steps: Step, story: suspend (Client) -> Unit) = runBlocking {
        Scripted(*steps).use { server -> Client(server.channel()).use { story(it) } }
    }

    private val names: List<String> get() = checkNotNull(folder.list()).toList()

    @Test
    fun `a file is there when all of it has come, under a name and never a path`() {
        val said = mutableListOf<Pair<Long, Long>>()
        val (first, second) = CONTENT.copyOfRange(0, 3) to CONTENT.copyOfRange(3, CONTENT.size)
        export(answer(header("../x/book.csv"), chunk(first), PROGRESS, chunk(second), end(CONTENT))) { client ->
            val file = client.exportFile(ExportRequest.getDefaultInstance(), folder) { done, of -> said += done to of }
            assertEquals(File(folder, "book.csv"), file)
            assertEquals(String(CONTENT), file.readText())
        }
        assertEquals(listOf(1L to 2L), said)
        assertEquals(listOf("book.csv"), names)
    }

    @Test
    fun `no file takes the place of another`() {
        File(folder, "book.csv").writeText("mine")
        export(answer(header("book.csv"), chunk(CONTENT), end(CONTENT))) { client ->
            assertEquals("book (2).csv", client.exportFile(ExportRequest.getDefaultInstance(), folder).name)
        }
        assertEquals("mine", File(folder, "book.csv").readText())
    }

    @Test
    fun `what is not whole leaves nothing`() {
        val steps = listOf(
            answer(header("b"), chunk(CONTENT)),
            answer(header("b"), chunk(CONTENT), end(CONTENT + 1)),
            answer(header("b"), chunk(CONTENT.reversedArray()), end(CONTENT)),
        )
        for (step in steps) {
            export(step) { client -> assertFailsWith<ExportIncomplete> { client.exportFile(ExportRequest.getDefaultInstance(), folder) } }
        }
        export(fail(Status.Code.UNAVAILABLE, after = listOf(header("b"), chunk(CONTENT)))) { client ->
            assertFailsWith<Unavailable> { client.exportFile(ExportRequest.getDefaultInstance(), folder) }
        }
        assertEquals(emptyList(), names)
    }
}
