/** How do processes of one machine take turns? By a lock on a file, which the system releases whatever becomes of its holder. */
package tallystick.client

import java.io.File
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.channels.FileChannel
import java.nio.channels.FileLock
import java.nio.channels.OverlappingFileLockException
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull

private val POLL = 20.milliseconds

// One at a time within the process: whoever closes the file lets go of all the locks that the process has on it.
private val turns = ConcurrentHashMap<String, Mutex>()

/** Runs the block when nobody else does who names the same file. */
internal suspend fun <T> inTurn(lockFile: File, timeout: Duration = Duration.INFINITE, block: suspend () -> T): T =
    turns.getOrPut(lockFile.canonicalPath) { Mutex() }.withLock {
        // The file stays: who removed it would take the lock away from whoever waits for it.
        withContext(Dispatchers.IO) { RandomAccessFile(lockFile, "rw") }.use { opened ->
            withTimeoutOrNull(timeout) {
                while (tryLock(opened.channel) == null) delay(POLL)
            } ?: throw IOException("another process holds $lockFile")
            block()
        }
    }

private fun tryLock(channel: FileChannel): FileLock? =
    try {
        channel.tryLock()
    } catch (_: OverlappingFileLockException) {
        null
    }

/** Lets nobody but its owner read or write the file. */
internal fun keepToOwner(file: File) {
    // Nobody's, then its owner's.
    file.setReadable(false, false)
    file.setReadable(true, true)
    file.setWritable(false, false)
    file.setWritable(true, true)
}
