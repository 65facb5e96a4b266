/** What does a device keep? Rows in tables, the same wherever they lie. */
package tallystick.client.offline

/** How far the copy of a space is. */
internal data class SpaceRow(
    val spaceId: String,
    /** Which rows are the copy. */
    val copy: Long = 0,
    /** Empty: there is no copy yet. */
    val cursor: String = "",
    /** The version that the copy has reached. */
    val version: Long = 0,
    /** A number that no row of the space has yet. */
    val next: Long = 1,
    /** A copy that is being made beside the other, until it is whole. */
    val shadow: Shadow? = null,
)

internal data class Shadow(val copy: Long, val cursor: String = "", val version: Long = 0)

/** An entity as the space has it. */
internal class EntityRow(
    val spaceId: String,
    val copy: Long,
    /** As the contract writes it; of one that this version does not know, its number. */
    val kind: String,
    val id: String,
    val version: Long,
    val deleted: Boolean,
    /** The bytes of an `Entity`. */
    val body: ByteArray,
)

/** What an account of the copy holds. */
internal class SumRow(val spaceId: String, val copy: Long, val accountId: String, val minor: Long)

/** A mutation that the copy does not hold the effect of yet. */
internal data class OutboxRow(
    val spaceId: String,
    val position: Long,
    val requestId: String,
    /** What it changes, as `kind/id`. */
    val targets: List<String>,
    /** The bytes of a `Mutation`. */
    val body: ByteArray,
    /** Whether the space has it, since `version`, and the copy has not yet. */
    val sent: Boolean = false,
    val version: Long = 0,
    /** Whether it goes out under a second request id, because another device had used the first. */
    val reissued: Boolean = false,
)

/** A mutation that was refused, and waits for the user. */
internal class TrayRow(
    val spaceId: String,
    val position: Long,
    val requestId: String,
    /** The request id of the refused mutation that stands before it, or nothing. */
    val blockedBy: String,
    /** The bytes of a `Mutation`. */
    val body: ByteArray,
    /** The bytes of a `Rejection`. Empty for one that was not tried. */
    val rejection: ByteArray,
)

/** A mutation of a space that the user lost. */
internal class DraftRow(val spaceId: String, val position: Long, val body: ByteArray)

/** What others had written where a mutation of ours took its place. */
internal class ReplacedRow(
    val spaceId: String,
    val position: Long,
    val requestId: String,
    /** The bytes of a `Replaced`. */
    val body: ByteArray,
)

/** The first values of a row: texts and whole numbers. */
internal typealias Key = List<Any>

internal enum class ColumnType { TEXT, INTEGER, BLOB }

internal class Column(val name: String, val type: ColumnType)

/** A table, whose first columns are its key, and how a row becomes values and is read from them: texts, whole numbers and bytes. */
internal class Table<R : Any>(
    val name: String,
    private val keySize: Int,
    val columns: List<Column>,
    val valuesOf: (R) -> List<Any>,
    private val read: (Values) -> R,
) {
    val key: List<Column> get() = columns.take(keySize)

    fun keyOf(values: List<Any>): Key = values.take(keySize)

    fun rowOf(values: List<Any>): R = read(Values(values.iterator()))
}

/** The values of a row, one after the other. */
internal class Values(private val values: Iterator<Any>) {
    fun text(): String = values.next() as String

    fun number(): Long = values.next() as Long

    fun flag(): Boolean = number() != 0L

    fun bytes(): ByteArray = values.next() as ByteArray
}
