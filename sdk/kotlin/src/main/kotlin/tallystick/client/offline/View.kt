/** What is on the screen while mutations wait? The copy, with their effects laid over it; the copy itself is not touched. */
package tallystick.client.offline

import com.google.protobuf.MessageLite

/** An entity as it is shown. One that is deleted can come back. */
internal class Shown<M : MessageLite>(val entity: M, val deleted: Boolean)

/** What the view stands on. */
internal interface Below {
    /** Deleted or not. */
    fun <M : MessageLite> find(kind: Kind<M>, id: String): Shown<M>?

    /** All of a kind that are not deleted, by id. */
    fun <M : MessageLite> all(kind: Kind<M>): Map<String, M>
}

/** A command that the server would refuse, as far as the device can tell: it leaves the view as it is. */
internal class Inapplicable(message: String) : RuntimeException(message)

internal class View(private val below: Below) : Below {
    private val changes = LinkedHashMap<String, Change<*>>()

    /** What has another state than the copy, by target. */
    val changed: Map<String, Change<*>> get() = changes

    /** What a command that is refused half-way does is forgotten. */
    fun attempt(run: (View) -> Unit) {
        val trial = View(this)
        try {
            run(trial)
        } catch (_: Inapplicable) {
            return
        }
        changes.putAll(trial.changes)
    }

    override fun <M : MessageLite> find(kind: Kind<M>, id: String): Shown<M>? =
        changes[targetOf(kind, id)]?.shownAs(kind) ?: below.find(kind, id.lowercase())

    override fun <M : MessageLite> all(kind: Kind<M>): Map<String, M> {
        val entities = LinkedHashMap(below.all(kind))
        for (change in changes.values) {
            val shown = change.shownAs(kind) ?: continue
            if (shown.deleted) entities.remove(kind.idOf(shown.entity)) else entities[kind.idOf(shown.entity)] = shown.entity
        }
        return entities
    }

    fun has(kind: Kind<*>, id: String): Boolean = find(kind, id)?.deleted == false

    /** What a command needs. */
    fun <M : MessageLite> require(kind: Kind<M>, id: String): M {
        val found = find(kind, id)
        if (found == null || found.deleted) throw Inapplicable("there is no $kind $id")
        return found.entity
    }

    fun <M : MessageLite> put(kind: Kind<M>, entity: M, deleted: Boolean = false) {
        changes[targetOf(kind, kind.idOf(entity))] = Change(kind, Shown(entity, deleted))
    }

    /** An entity that is there already was made by this very command: its effect has arrived before the news of it. */
    fun <M : MessageLite> add(kind: Kind<M>, entity: M) {
        if (find(kind, kind.idOf(entity)) == null) put(kind, entity)
    }

    /** What a command made of an entity. */
    class Change<M : MessageLite>(val kind: Kind<M>, val shown: Shown<M>) {
        /** Null if it is of another kind. */
        @Suppress("UNCHECKED_CAST")
        fun <N : MessageLite> shownAs(asked: Kind<N>): Shown<N>? = if (kind === asked) shown as Shown<N> else null
    }
}

/** Names an entity within its space. */
internal fun targetOf(kind: Kind<*>, id: String): String = "${kind.name}/${id.lowercase()}"
