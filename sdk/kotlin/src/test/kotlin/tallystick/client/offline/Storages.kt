/** Where do tests keep rows? In memory, and in SQLite as a program on the JVM does; and in one that dies in the middle. */
package tallystick.client.offline

import java.io.File

/** What storages are opened on: several at once, or one after the other. */
interface Device {
    suspend fun open(): Storage
}

class FileDevice(folder: File) : Device {
    val file = File(folder, "copies.db")

    override suspend fun open(): Storage = SqliteStorage.open(file)
}

/** The process dies at a statement: nothing after it reaches the file. */
class Dying(private val database: Database, private var livesFor: Int) : Database by database {
    override fun execute(statement: String, values: List<Any>) {
        step()
        database.execute(statement, values)
    }

    override fun query(statement: String, values: List<Any>): List<List<Any>> {
        step()
        return database.query(statement, values)
    }

    /** It dies at the last moment before the end of the transaction, too. */
    override fun <T> transaction(block: () -> T): T = database.transaction {
        step()
        block().also { step() }
    }

    private fun step() {
        if (livesFor == 0) throw Dead()
        livesFor -= 1
    }
}

class Dead : RuntimeException()
