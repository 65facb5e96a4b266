/** How do tokens lie in a file? As properties, written anew beside it each time, readable by their owner alone. */
package tallystick.client

import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.util.Properties
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

private val LOCK_TIMEOUT = 60.seconds

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
    override suspend fun <T> turn(block: suspend () -> T): T = inTurn(lockFile, LOCK_TIMEOUT, block)

    private fun write(kept: Properties, target: File) {
        FileOutputStream(target).use { stream ->
            // Before there is anything in it.
            keepToOwner(target)
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
}
