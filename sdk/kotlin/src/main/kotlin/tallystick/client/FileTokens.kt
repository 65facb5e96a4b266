/** How do tokens lie in a file? As properties, written anew beside it each time, readable by their owner alone. */
package tallystick.client

import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.channels.FileChannel
import java.nio.channels.FileLock
import java.nio.channels.OverlappingFileLockException
import java.util.Properties
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull

private val LOCK_TIMEOUT = 60.seconds
private val POLL = 20.milliseconds

/** Keeps tokens in a file that only its owner reads. Processes may share it. On Android: `File(context.noBackupFilesDir, "tokens")`. */
public class FileTokens(private val file: File) : TokenStore {
    private val lockFile = File("${file.path}.lock")

    override suspend fun load(): Tokens = withContext(Dispatchers.IO) {
        // Written by another version of this package, it may have more or less.
        val saved = Properties()
        if (file.exists()) file.inputStream().use(saved::load)
        Tokens(
            accessToken = saved.getProperty("access_token", ""),
            accessExpiresAt = saved.getProperty("access_expires_at")?.toLongOrNull() ?: 0,
            refreshToken = saved.getProperty("refresh_token", ""),
            refreshRequestId = saved.getProperty("refresh_request_id", ""),
            sessionId = saved.getProperty("session_id", ""),
            userId = saved.getProperty("user_id", ""),
            deviceToken = saved.getProperty("device_token", ""),
        )
    }

    override suspend fun save(tokens: Tokens): Unit = withContext(Dispatchers.IO) {
        val kept = Properties()
        kept["access_token"] = tokens.accessToken
        kept["access_expires_at"] = tokens.accessExpiresAt.toString()
        kept["refresh_token"] = tokens.refreshToken
        kept["refresh_request_id"] = tokens.refreshRequestId
        kept["session_id"] = tokens.sessionId
        kept["user_id"] = tokens.userId
        kept["device_token"] = tokens.deviceToken
        val beside = File("${file.path}.${newId()}")
        try {
            write(kept, beside)
            replaceWith(beside)
        } finally {
            beside.delete()
        }
    }

    /** Holds a lock that the system releases whatever becomes of its holder. */
    override suspend fun <T> turn(block: suspend () -> T): T =
        // One at a time within the process: whoever closes the file lets go of all the locks that the process has on it.
        turns.getOrPut(lockFile.canonicalPath) { Mutex() }.withLock {
            // The file stays: who removed it would take the lock away from whoever waits for it.
            withContext(Dispatchers.IO) { RandomAccessFile(lockFile, "rw") }.use { opened ->
                withTimeoutOrNull(LOCK_TIMEOUT) {
                    while (tryLock(opened.channel) == null) delay(POLL)
                } ?: throw IOException("another process holds $lockFile")
                block()
            }
        }

    private fun write(kept: Properties, target: File) {
        FileOutputStream(target).use { stream ->
            // Nobody's, then its owner's, before there is anything in it.
            target.setReadable(false, false)
            target.setReadable(true, true)
            target.setWritable(false, false)
            target.setWritable(true, true)
            kept.store(stream, null)
            stream.flush()
            stream.fd.sync()
        }
    }

    private fun replaceWith(beside: File) {
        if (beside.renameTo(file)) return
        // Windows never replaces.
        file.delete()
        if (!beside.renameTo(file)) throw IOException("cannot write $file")
    }

    private fun tryLock(channel: FileChannel): FileLock? =
        try {
            channel.tryLock()
        } catch (_: OverlappingFileLockException) {
            null
        }

    private companion object {
        val turns = ConcurrentHashMap<String, Mutex>()
    }
}
