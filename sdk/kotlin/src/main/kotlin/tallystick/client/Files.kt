/** How does an app bring a file, and read it again? Part by part, and again from where it was cut off. */
package tallystick.client

import com.google.protobuf.ByteString
import java.io.File
import java.io.IOException
import java.io.RandomAccessFile
import java.security.MessageDigest
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.withContext
import tallystick.v1.DownloadFileRequest
import tallystick.v1.File as KeptFile
import tallystick.v1.FileUpload
import tallystick.v1.FinishUploadRequest
import tallystick.v1.GetUploadRequest
import tallystick.v1.StartUploadRequest
import tallystick.v1.UploadPartRequest

private const val NOT_FOUND = "NOT_FOUND"

/** What arrived is not what was brought: its checksum differs. */
public class DownloadDamaged(fileId: String) : IOException(fileId)

/**
 * Brings a file, and returns what became of it. `private`: only the caller is to see it. `onProgress` is told how many bytes are there.
 *
 * With the same `fileId` and the same content it may be called again after anything went wrong: what is there already is not sent again,
 * and a file that was finished is returned as it is.
 */
public suspend fun Client.uploadFile(
    spaceId: String,
    source: File,
    fileId: String = newId(),
    name: String = source.name,
    private: Boolean = false,
    onProgress: (bytes: Long) -> Unit = {},
): KeptFile = withContext(Dispatchers.IO) {
    val size = source.length()
    files.startUpload(
        StartUploadRequest.newBuilder().build {
            requestId = fileId
            this.spaceId = spaceId
            this.fileId = fileId
            this.name = name
            sizeBytes = size
            this.private = private
        }
    )
    val whole = sha256Of(source)
    // None: it was finished before, by a call whose answer was lost; or it is gone, and the last call says so.
    findUpload(spaceId, fileId)?.let { sendParts(it, spaceId, fileId, source, onProgress) }
    files.finishUpload(
        FinishUploadRequest.newBuilder().build {
            requestId = finishIdOf(fileId)
            this.spaceId = spaceId
            this.fileId = fileId
            sha256 = ByteString.copyFrom(whole)
        }
    ).file
}

/**
 * Reads the content of a file into another. It goes on by itself where it was cut off.
 *
 * @throws DownloadDamaged if the whole is not what was brought; then no file is there
 */
public suspend fun Client.downloadFile(
    spaceId: String,
    fileId: String,
    target: File,
    onProgress: (bytes: Long) -> Unit = {},
): KeptFile = withContext(Dispatchers.IO) {
    val beside = File.createTempFile("download", ".part", target.absoluteFile.parentFile)
    try {
        val file = receive(spaceId, fileId, beside, onProgress)
        if (!sha256Of(beside).contentEquals(file.sha256.toByteArray())) throw DownloadDamaged(fileId)
        if (!beside.renameTo(target)) throw IOException("cannot write $target")
        file
    } finally {
        beside.delete()
    }
}

/** The small picture of an image, a JPEG. Fails with NOT_FOUND if there is none. */
public suspend fun Client.downloadThumbnail(spaceId: String, fileId: String): ByteArray {
    val request = DownloadFileRequest.newBuilder().setSpaceId(spaceId).setFileId(fileId).setThumbnail(true).build()
    var picture = ByteString.EMPTY
    files.downloadFile(request).collect { picture = picture.concat(it.data) }
    return picture.toByteArray()
}

private suspend fun Client.findUpload(spaceId: String, fileId: String): FileUpload? =
    try {
        files.getUpload(GetUploadRequest.newBuilder().setSpaceId(spaceId).setFileId(fileId).build()).upload
    } catch (failed: NotFound) {
        if (failed.reason == NOT_FOUND) null else throw failed
    }

private suspend fun Client.sendParts(upload: FileUpload, spaceId: String, fileId: String, source: File, onProgress: (Long) -> Unit) {
    val there = upload.partNumbersList.toSet()
    RandomAccessFile(source, "r").use { opened ->
        for (number in 0 until upload.partCount) {
            val from = number.toLong() * upload.partBytes
            val until = minOf(opened.length(), from + upload.partBytes)
            if (number !in there) files.uploadPart(partOf(opened, from, until, number, spaceId, fileId))
            onProgress(until)
        }
    }
}

private fun partOf(source: RandomAccessFile, from: Long, until: Long, number: Int, spaceId: String, fileId: String): UploadPartRequest {
    val bytes = ByteArray((until - from).toInt())
    source.seek(from)
    source.readFully(bytes)
    return UploadPartRequest.newBuilder().build {
        this.spaceId = spaceId
        this.fileId = fileId
        this.number = number
        data = ByteString.copyFrom(bytes)
        sha256 = ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(bytes))
    }
}

private suspend fun Client.receive(spaceId: String, fileId: String, target: File, onProgress: (Long) -> Unit): KeptFile =
    target.outputStream().use { out ->
        var file: KeptFile? = null
        var bytes = 0L
        var failed = 0
        while (bytes < (file?.sizeBytes ?: Long.MAX_VALUE)) {
            try {
                val request = DownloadFileRequest.newBuilder().setSpaceId(spaceId).setFileId(fileId).setOffset(bytes).build()
                files.downloadFile(request).collect { answer ->
                    if (answer.hasFile()) file = answer.file
                    answer.data.writeTo(out)
                    bytes += answer.data.size()
                    failed = 0
                    onProgress(bytes)
                }
            } catch (cut: TallystickException) {
                failed += 1
                if (!cut.mayRepeat || failed >= retries.tries) throw cut
                delay(retries.waitAfter(failed))
            }
        }
        file ?: error("the server ended without a file")
    }

/** The request id follows from the file's: whoever calls again asks the same, in whatever language. */
internal fun finishIdOf(fileId: String): String {
    val last = fileId.takeLast(2).toInt(16) xor 0xff
    return fileId.dropLast(2).lowercase() + "%02x".format(last)
}
