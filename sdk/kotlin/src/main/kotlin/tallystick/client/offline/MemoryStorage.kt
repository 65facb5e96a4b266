/** Where are rows kept that need not outlive the process? In memory: for tests, and for programs that end before their network does. */
package tallystick.client.offline

import java.util.TreeMap
import java.util.concurrent.ConcurrentHashMap
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

public class MemoryStorage : Storage() {
    private val mutex = Mutex()
    private val turns = ConcurrentHashMap<String, Mutex>()
    private var kept: Kept = TABLES.associate { it.name to TreeMap(::compareKeys) }

    override suspend fun <T> read(run: (ReadTx) -> T): T = mutex.withLock { run(MemoryTx(kept)) }

    /** Works on a copy, so that a step that fails half-way leaves nothing. */
    override suspend fun <T> write(run: (WriteTx) -> T): T = mutex.withLock {
        val next = kept.mapValues { (_, rows) -> TreeMap(rows) }
        run(MemoryTx(next)).also { kept = next }
    }

    override suspend fun <T> alone(name: String, run: suspend () -> T): T =
        turns.getOrPut(name) { Mutex() }.withLock { run() }

    /** There is nothing to close. */
    override fun close(): Unit = Unit
}

/** By table: the values of each row by its key. */
private typealias Kept = Map<String, TreeMap<Key, List<Any>>>

private class MemoryTx(private val kept: Kept) : WriteTx {
    override fun <R : Any> get(table: Table<R>, key: Key): R? = rowsOf(table)[key]?.let(table::rowOf)

    override fun <R : Any> all(table: Table<R>, prefix: Key): List<R> = find(table, prefix).map { table.rowOf(it.value) }

    override fun <R : Any> put(table: Table<R>, row: R) {
        val values = table.valuesOf(row)
        rowsOf(table)[table.keyOf(values)] = values
    }

    override fun delete(table: Table<*>, key: Key) {
        rowsOf(table).remove(key)
    }

    override fun deleteAll(table: Table<*>, prefix: Key) {
        find(table, prefix).forEach { rowsOf(table).remove(it.key) }
    }

    /** A key comes after what it begins with. */
    private fun find(table: Table<*>, prefix: Key): List<Map.Entry<Key, List<Any>>> =
        rowsOf(table).tailMap(prefix).entries.takeWhile { it.key.take(prefix.size) == prefix }.toList()

    private fun rowsOf(table: Table<*>) = kept.getValue(table.name)
}

private fun compareKeys(one: Key, other: Key): Int {
    for ((part, against) in one.zip(other)) {
        val order = if (part is Long && against is Long) part.compareTo(against) else part.toString().compareTo(against.toString())
        if (order != 0) return order
    }
    return one.size - other.size
}
