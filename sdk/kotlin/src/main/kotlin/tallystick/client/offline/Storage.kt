/** Where does a device keep its copies and its outboxes? In something whose transactions happen wholly or not at all. */
package tallystick.client.offline

import java.util.concurrent.CopyOnWriteArrayList

/** Something that happened to a space, told to all of the process that use the storage. */
public enum class BookNews {
    /** Every change that is none of the others. */
    CHANGED,

    /** Something came into the outbox. */
    OUTBOX,

    /** Something was refused, and lies in the tray. */
    REFUSED,

    /** Two changes met where nothing is overwritten: somebody decides. */
    CONFLICT,

    /** A mutation of this device took the place of what others had written. */
    REPLACED,

    /** The user is not in the space any more: others' data is gone, and what was not sent are drafts. */
    FORGOTTEN,

    /** The copy is made anew, because the space says so. */
    RESET,

    /** The copy differed from the space, and is made anew. */
    MISMATCH,
}

internal class Told(val spaceId: String, val what: BookNews)

/** One moment of what is kept. */
internal interface ReadTx {
    fun <R : Any> get(table: Table<R>, key: Key): R?

    /** The rows whose keys begin so, in the order of their keys. */
    fun <R : Any> all(table: Table<R>, prefix: Key): List<R>
}

/** One step. It sees what it has written. */
internal interface WriteTx : ReadTx {
    fun <R : Any> put(table: Table<R>, row: R)

    fun delete(table: Table<*>, key: Key)

    fun deleteAll(table: Table<*>, prefix: Key)
}

/** Holds the copies and outboxes of one user of the device, one for all spaces: [SqliteStorage] for good, [MemoryStorage] for tests. */
public abstract class Storage internal constructor() : AutoCloseable {
    private val listeners = CopyOnWriteArrayList<(Told) -> Unit>()

    internal abstract suspend fun <T> read(run: (ReadTx) -> T): T

    /** What it wrote is kept, come what may, when it returns; nothing of it is when it throws. */
    internal abstract suspend fun <T> write(run: (WriteTx) -> T): T

    /** Runs when nobody else who shares the storage runs under the name. */
    internal abstract suspend fun <T> alone(name: String, run: suspend () -> T): T

    /** Takes what was deleted out of what is kept, too. */
    internal open suspend fun shrink(): Unit = Unit

    internal fun tell(spaceId: String, what: BookNews) {
        for (listener in listeners) listener(Told(spaceId, what))
    }

    /** Returns how to stop listening. */
    internal fun listen(listener: (Told) -> Unit): () -> Unit {
        listeners += listener
        return { listeners -= listener }
    }
}
