/** How does an app on Android open an SQLite file? With what the system brings, and no driver. */
package tallystick.client.offline

import android.database.Cursor
import android.database.sqlite.SQLiteDatabase
import java.io.File

/** For a file in a place that no backup carries to another device: `File(context.noBackupFilesDir, "copies.db")`. */
public class AndroidDatabase(file: File) : Database {
    private val database = SQLiteDatabase.openOrCreateDatabase(file, null)

    init {
        // Android's own way of writing ahead is faster, and forgets the last commits in a power cut.
        database.disableWriteAheadLogging()
    }

    override fun execute(statement: String, values: List<Any>) {
        database.execSQL(statement, values.toTypedArray())
    }

    override fun query(statement: String, values: List<Any>): List<List<Any>> {
        val found = database.rawQueryWithFactory(
            // What `rawQuery` takes are texts, which a number is not equal to.
            { _, driver, table, query ->
                values.forEachIndexed { index, value ->
                    when (value) {
                        is Long -> query.bindLong(index + 1, value)
                        is ByteArray -> query.bindBlob(index + 1, value)
                        else -> query.bindString(index + 1, value.toString())
                    }
                }
                android.database.sqlite.SQLiteCursor(driver, table, query)
            },
            statement,
            null,
            "",
        )
        return found.use { buildList { while (it.moveToNext()) add((0 until it.columnCount).map { column -> valueOf(it, column) }) } }
    }

    override fun <T> transaction(block: () -> T): T {
        database.beginTransactionNonExclusive()
        try {
            val result = block()
            database.setTransactionSuccessful()
            return result
        } finally {
            database.endTransaction()
        }
    }

    override fun close() {
        database.close()
    }

    private fun valueOf(found: Cursor, column: Int): Any =
        when (found.getType(column)) {
            Cursor.FIELD_TYPE_INTEGER -> found.getLong(column)
            Cursor.FIELD_TYPE_BLOB -> found.getBlob(column)
            else -> found.getString(column)
        }
}
