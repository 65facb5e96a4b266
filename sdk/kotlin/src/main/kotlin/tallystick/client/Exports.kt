/** How does an app get a file out of an export? Chunk by chunk, and only what is whole gets its name. */
package tallystick.client

import java.io.File
import java.io.IOException
import java.io.OutputStream
import java.security.MessageDigest
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import tallystick.v1.ExportEnd
import tallystick.v1.ExportHeader
import tallystick.v1.ExportRequest
import tallystick.v1.ExportResponse.PartCase

/** The stream ended, and what arrived is not the whole file. Export again. */
public class ExportIncomplete(message: String) : IOException(message)

/**
 * Exports to a file in a folder. It is there when it is whole, under a name that is not taken. `onProgress` is told how many items are
 * done, of how many.
 *
 * @throws ExportIncomplete when what arrived is not the whole of it; then no file is there
 */
public suspend fun Client.exportFile(
    request: ExportRequest,
    folder: File,
    onProgress: (done: Long, of: Long) -> Unit = { _, _ -> },
): File = withContext(Dispatchers.IO) {
    val beside = File.createTempFile("export", ".part", folder)
    try {
        val (header, end) = beside.outputStream().use { receive(request, it, onProgress) }
        requireWhole(beside, end)
        move(beside, File(folder, nameOf(header)))
    } finally {
        beside.delete()
    }
}

private suspend fun Client.receive(
    request: ExportRequest,
    out: OutputStream,
    onProgress: (Long, Long) -> Unit,
): Pair<ExportHeader, ExportEnd> {
    var header: ExportHeader? = null
    var end: ExportEnd? = null
    exports.export(request).collect { answer ->
        when (answer.partCase) {
            PartCase.HEADER -> header = answer.header
            PartCase.CHUNK -> answer.chunk.writeTo(out)
            PartCase.PROGRESS -> onProgress(answer.progress.items, header?.items ?: 0)
            PartCase.END -> end = answer.end
            else -> Unit
        }
    }
    return (header ?: throw incomplete()) to (end ?: throw incomplete())
}

private fun requireWhole(file: File, end: ExportEnd) {
    if (file.length() != end.sizeBytes || !end.sha256.toByteArray().contentEquals(sha256Of(file))) throw incomplete()
}

private fun incomplete() = ExportIncomplete("what arrived is not what was sent")

/** Never over another file. */
private fun move(file: File, wanted: File): File {
    val (stem, ending) = wanted.nameWithoutExtension to wanted.extension.let { if (it.isEmpty()) "" else ".$it" }
    val others = generateSequence(2) { it + 1 }.map { File(wanted.parentFile, "$stem ($it)$ending") }
    // Whoever makes the empty file has the name.
    val target = (sequenceOf(wanted) + others).first { it.createNewFile() }
    // Windows replaces not even an empty one.
    if (!file.renameTo(target) && !(target.delete() && file.renameTo(target))) throw IOException("cannot write $target")
    return target
}

/** A name, never a path. */
private fun nameOf(header: ExportHeader): String =
    header.fileName.split('/', '\\').last().takeUnless { it.isEmpty() || it == "." || it == ".." } ?: "export"

internal fun sha256Of(file: File): ByteArray {
    val hash = MessageDigest.getInstance("SHA-256")
    val buffer = ByteArray(DEFAULT_BUFFER_SIZE)
    file.inputStream().use { input -> generateSequence { input.read(buffer).takeIf { it >= 0 } }.forEach { hash.update(buffer, 0, it) } }
    return hash.digest()
}
