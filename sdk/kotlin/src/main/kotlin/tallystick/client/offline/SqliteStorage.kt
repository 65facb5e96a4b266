/** Where are copies kept for good? In an SQLite file: what was committed survives a crash of the process and of the machine. */
package tallystick.client.offline

import java.io.File
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import tallystick.client.inTurn
import tallystick.client.keepToOwner

private const val FORMAT = 1L
private val OPENING = 30.seconds

/** The file was written by a newer version of this package. */
public class NewerFile(message: String) : RuntimeException(message)

/** Threads and processes may share the file. Each process hears of what it does itself; what others do it sees. */
public class SqliteStorage private constructor(private val file: File, private val database: Database) : Storage() {
    private val lock = ReentrantLock()

    override suspend fun <T> read(run: (ReadTx) -> T): T = step(run)

    /** Whoever is cancelled meanwhile still gets to tell of what was kept. */
    override suspend fun <T> write(run: (WriteTx) -> T): T = withContext(NonCancellable) { step(run) }

    override suspend fun <T> alone(name: String, run: suspend () -> T): T =
        inTurn(beside(file, name.replace('/', '.')), block = run)

    override suspend fun shrink() {
        withContext(Dispatchers.IO) { lock.withLock { database.query("PRAGMA wal_checkpoint(TRUNCATE)") } }
    }

    override fun close(): Unit = lock.withLock { database.close() }

    private suspend fun <T> step(run: (SqliteTx) -> T): T = withContext(Dispatchers.IO) {
        lock.withLock { database.transaction { run(SqliteTx(database)) } }
    }

    private fun prepare() {
        // A commit is on disk before anybody is told of it.
        database.execute("PRAGMA synchronous = FULL")
        database.query("PRAGMA secure_delete = ON")
        database.transaction {
            val writtenBy = database.query("PRAGMA user_version").single().single() as Long
            if (writtenBy > FORMAT) throw NewerFile("format $writtenBy; this version of the package reads $FORMAT")
            if (writtenBy == 0L) {
                for (table in TABLES) database.execute(creationOf(table))
                database.execute("PRAGMA user_version = $FORMAT")
            }
        }
    }

    public companion object {
        /**
         * Opens the file, or makes it: one for each user of the device. On Android: `open(file, ::AndroidDatabase)`.
         *
         * @throws NewerFile for a file that only a newer version can read
         */
        public suspend fun open(file: File, openDatabase: (File) -> Database = ::JdbcDatabase): SqliteStorage =
            inTurn(beside(file, "opening"), OPENING) {
                withContext(Dispatchers.IO) {
                    // What SQLite puts beside it is like it.
                    if (file.createNewFile()) keepToOwner(file)
                    val database = openDatabase(file)
                    try {
                        SqliteStorage(file, database).also { it.prepare() }
                    } catch (failed: Throwable) {
                        database.close()
                        throw failed
                    }
                }
            }

        private fun beside(file: File, what: String) = File("${file.path}.$what")
    }
}

private class SqliteTx(private val database: Database) : WriteTx {
    override fun <R : Any> get(table: Table<R>, key: Key): R? = all(table, key).firstOrNull()

    override fun <R : Any> all(table: Table<R>, prefix: Key): List<R> {
        val order = table.key.joinToString { it.name }
        val columns = table.columns.joinToString { it.name }
        return database.query("SELECT $columns FROM ${table.name}${where(table, prefix)} ORDER BY $order", prefix).map(table::rowOf)
    }

    override fun <R : Any> put(table: Table<R>, row: R) {
        // Of the ways to say so, the one that every Android knows.
        val columns = table.columns
        database.execute(
            "INSERT OR REPLACE INTO ${table.name} (${columns.joinToString { it.name }}) VALUES (${columns.joinToString { "?" }})",
            table.valuesOf(row),
        )
    }

    override fun delete(table: Table<*>, key: Key): Unit = deleteAll(table, key)

    override fun deleteAll(table: Table<*>, prefix: Key): Unit =
        database.execute("DELETE FROM ${table.name}${where(table, prefix)}", prefix)

    private fun where(table: Table<*>, prefix: Key): String =
        if (prefix.isEmpty()) "" else table.key.take(prefix.size).joinToString(" AND ", " WHERE ") { "${it.name} = ?" }
}

private fun creationOf(table: Table<*>): String {
    val columns = table.columns.joinToString { "${it.name} ${it.type} NOT NULL" }
    return "CREATE TABLE ${table.name} ($columns, PRIMARY KEY (${table.key.joinToString { it.name }})) WITHOUT ROWID"
}
