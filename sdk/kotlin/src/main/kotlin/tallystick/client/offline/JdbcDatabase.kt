/** How does a program on the JVM open an SQLite file? Through `org.xerial:sqlite-jdbc`, which the program brings with it. */
package tallystick.client.offline

import java.io.File
import java.sql.Connection
import java.sql.DriverManager
import java.sql.PreparedStatement

private const val BUSY_TIMEOUT_MS = 30_000

/** Needs `org.xerial:sqlite-jdbc` on the class path. */
public class JdbcDatabase(file: File) : Database {
    private val connection: Connection = DriverManager.getConnection("jdbc:sqlite:${file.path}")
    private val prepared = HashMap<String, PreparedStatement>()

    init {
        query("PRAGMA busy_timeout = $BUSY_TIMEOUT_MS")
        // A commit costs one wait for the disk instead of several.
        query("PRAGMA journal_mode = WAL")
    }

    override fun execute(statement: String, values: List<Any>) {
        prepare(statement, values).execute()
    }

    override fun query(statement: String, values: List<Any>): List<List<Any>> =
        prepare(statement, values).executeQuery().use { found ->
            val columns = 1..found.metaData.columnCount
            buildList {
                while (found.next()) add(columns.map { valueOf(found.getObject(it)) })
            }
        }

    override fun <T> transaction(block: () -> T): T {
        execute("BEGIN IMMEDIATE")
        var done = false
        try {
            val result = block()
            execute("COMMIT")
            done = true
            return result
        } finally {
            if (!done) runCatching { execute("ROLLBACK") }
        }
    }

    override fun close() {
        connection.close()
    }

    private fun prepare(statement: String, values: List<Any>): PreparedStatement =
        prepared.getOrPut(statement) { connection.prepareStatement(statement) }.also { ready ->
            values.forEachIndexed { index, value -> ready.setObject(index + 1, value) }
        }

    /** A small number comes as an `Int`. */
    private fun valueOf(value: Any): Any = if (value is Int) value.toLong() else value
}
