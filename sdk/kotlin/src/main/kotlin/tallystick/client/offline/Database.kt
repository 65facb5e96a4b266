/** What is asked of SQLite? Little enough that Android's own will do as well as a driver for the JVM. */
package tallystick.client.offline

/** An SQLite file that is open. One thread uses it at a time. Values are `String`, `Long` and `ByteArray`. */
public interface Database : AutoCloseable {
    /** Runs a statement that has no rows to show. */
    public fun execute(statement: String, values: List<Any> = emptyList())

    /** The rows that a statement finds. */
    public fun query(statement: String, values: List<Any> = emptyList()): List<List<Any>>

    /**
     * All that the block does is on disk when this returns, and nothing of it is there when it throws. Processes that have the file open
     * wait for each other.
     */
    public fun <T> transaction(block: () -> T): T
}
