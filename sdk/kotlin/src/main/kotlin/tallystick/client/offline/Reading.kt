/** What does the app see? The copy of the space with the outbox run over it, as of one moment. */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.v1.Mutation

/** What a space looks like. To be asked within the transaction that it was read in. */
internal class Scene(private val tx: ReadTx, private val spaceId: String, userId: String) {
    val space: SpaceRow = readSpace(tx, spaceId)
    private val copy = Copy(tx, space)
    val view: View = applyAll(tx.all(OUTBOX, listOf(spaceId)).map { Mutation.parseFrom(it.body) }, copy, spaceId, userId)

    /** All that are not deleted, in the order of their ids. */
    fun <M : MessageLite> list(kind: Kind<M>): List<M> = view.all(kind).entries.sortedBy { it.key }.map { it.value }

    /** What each account holds, by its id: what the copy says, and what the view changes about it. */
    fun sums(): Map<String, Long> {
        val sums = HashMap<String, Long>()
        for (row in tx.all(SUMS, listOf(spaceId, space.copy))) sums[row.accountId] = row.minor
        for (change in view.changed.values) {
            val after = change.shownAs(Kinds.TRANSACTION) ?: continue
            val before = copy.find(Kinds.TRANSACTION, after.entity.id)
            if (before?.deleted == false) addMoved(sums, before.entity, -1)
            if (!after.deleted) addMoved(sums, after.entity, 1)
        }
        return sums
    }
}

/** The space as the server has it, as far as it was asked for. What was read is not read again. */
private class Copy(private val tx: ReadTx, private val space: SpaceRow) : Below {
    private val kinds = HashMap<String, Map<String, MessageLite>>()

    override fun <M : MessageLite> find(kind: Kind<M>, id: String): Shown<M>? =
        tx.get(ENTITIES, listOf(space.spaceId, space.copy, kind.name, id.lowercase()))?.let { Shown(kind.decode(it.body), it.deleted) }

    @Suppress("UNCHECKED_CAST")
    override fun <M : MessageLite> all(kind: Kind<M>): Map<String, M> =
        kinds.getOrPut(kind.name) {
            val rows = tx.all(ENTITIES, listOf(space.spaceId, space.copy, kind.name))
            rows.filterNot { it.deleted }.associate { it.id to kind.decode(it.body) }
        } as Map<String, M>
}
