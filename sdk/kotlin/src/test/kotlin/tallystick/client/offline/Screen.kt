/** What is shown of a copy in memory while commands wait? With nothing around it: no storage, and no server. */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import com.google.protobuf.Timestamp
import kotlin.test.assertEquals
import tallystick.client.newId
import tallystick.v1.Money
import tallystick.v1.Mutation

class Screen(private val userId: String = newId()) {
    val id = newId()
    private val copy = View(Nothing)
    private val outbox = mutableListOf<Mutation>()
    private val view: View get() = applyAll(outbox, copy, id, userId)

    /** The copy has it. */
    fun <M : MessageLite> know(kind: Kind<M>, entity: M, deleted: Boolean = false) = copy.put(kind, entity, deleted)

    /** A command waits. Returns what it is about. */
    fun act(command: MessageLite): List<String> {
        val mutation = composeCommand(command, id).toBuilder().setMadeAt(Timestamp.newBuilder().setSeconds(NOON)).build()
        outbox += mutation
        return targetsOf(mutation, id).map(::idIn)
    }

    fun <M : MessageLite> get(kind: Kind<M>, id: String): M? = view.find(kind, id)?.takeUnless { it.deleted }?.entity

    fun <M : MessageLite> list(kind: Kind<M>): List<M> = view.all(kind).values.sortedBy(kind.idOf)

    /** Commands that the server would refuse leave everything as it is. */
    fun refuses(vararg commands: MessageLite) {
        for (command in commands) {
            act(command)
            val shown = applyAll(outbox.takeLast(1), applyAll(outbox.dropLast(1), copy, id, userId), id, userId)
            assertEquals(emptySet(), shown.changed.keys, "$command")
            outbox.removeAt(outbox.lastIndex)
        }
    }

    companion object {
        /** On 2026-02-03. */
        const val NOON = 1_770_120_000L
    }
}

internal object Nothing : Below {
    override fun <M : MessageLite> find(kind: Kind<M>, id: String): Shown<M>? = null

    override fun <M : MessageLite> all(kind: Kind<M>): Map<String, M> = emptyMap()
}

fun eur(minor: Long): Money = Money.newBuilder().setCurrency("EUR").setMinor(minor).build()
