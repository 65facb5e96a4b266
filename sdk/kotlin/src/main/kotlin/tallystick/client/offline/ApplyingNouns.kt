/** What does a waiting command do to accounts, categories, labels, rules and templates on the screen? */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.Account
import tallystick.v1.Category
import tallystick.v1.Entity
import tallystick.v1.Payee
import tallystick.v1.Rule

/** A kind of entity that commands change in the usual ways, and the fields of it that an update may change. */
internal class Noun<M : MessageLite>(val kind: Kind<M>, changeable: String) {
    val changeable: List<String> = changeable.split(" ")
}

// A new rule stands after all others; the server knows the number.
private const val LAST_POSITION = 1_000_000

/** A new entity has the fields of the request that it shares with it. */
internal fun <M : MessageLite> createNoun(view: View, noun: Noun<M>, id: String, request: MessageLite, made: Made) {
    val empty = emptyOf(noun.kind)
    val common = fieldsOf(empty).keys.filter { it != "id" && it in fieldsOf(request) }
    val filled = withText(overlay(empty, request, common), "id", requireId(id))
    val placed = withText(filled, "book_id", made.spaceId)
    val dated = made.at?.let { withMessage(placed, "created_at", it) } ?: placed
    view.add(noun.kind, withPosition(named(dated)))
}

internal fun <M : MessageLite> updateNoun(view: View, noun: Noun<M>, id: String, request: MessageLite, paths: List<String>) {
    val before = view.require(noun.kind, id)
    view.put(noun.kind, named(overlay(before, request, touched(paths, request, noun.changeable))))
}

internal fun deleteNoun(view: View, kind: Kind<*>, id: String) {
    val before = deleted(view, kind, id)
    if (before is Account && before.openingTransactionId.isNotEmpty()) deleteOpening(view, before)
}

private fun <M : MessageLite> deleted(view: View, kind: Kind<M>, id: String): M =
    view.require(kind, id).also { view.put(kind, it, deleted = true) }

/** The same version says that it went with the account. */
private fun deleteOpening(view: View, account: Account) {
    val opening = view.find(Kinds.TRANSACTION, account.openingTransactionId)?.takeUnless { it.deleted } ?: return
    view.put(Kinds.TRANSACTION, opening.entity.toBuilder().build { version = account.version }, deleted = true)
}

/** What it names may be gone. */
internal fun <M : MessageLite> restoreNoun(view: View, kind: Kind<M>, id: String) {
    val found = view.find(kind, id)?.takeIf { it.deleted } ?: return
    val after = withoutGone(view, found.entity)
    view.put(kind, after)
    if (after is Account && after.openingTransactionId.isNotEmpty()) restoreOpening(view, after)
}

/** Only if it went with the account. */
private fun restoreOpening(view: View, account: Account) {
    val opening = view.find(Kinds.TRANSACTION, account.openingTransactionId)?.takeIf { it.deleted } ?: return
    if (opening.entity.version == account.version) view.put(Kinds.TRANSACTION, opening.entity)
}

@Suppress("UNCHECKED_CAST")
private fun <M : MessageLite> withoutGone(view: View, entity: M): M =
    when {
        entity is Category && !view.has(Kinds.CATEGORY, entity.parentId) -> entity.toBuilder().clearParentId().build() as M
        entity is Payee && !view.has(Kinds.CATEGORY, entity.defaultCategoryId) ->
            entity.toBuilder().clearDefaultCategoryId().build() as M
        else -> entity
    }

@Suppress("UNCHECKED_CAST")
private fun <M : MessageLite> withPosition(entity: M): M =
    if (entity is Rule && entity.position == 0) entity.toBuilder().setPosition(LAST_POSITION).build() as M else entity

/** With a name that is not blank, if it has one at all. */
internal fun <M : MessageLite> named(entity: M): M {
    val name = textIn(entity, "name")?.trim() ?: return entity
    refuseIf(name.isEmpty()) { "a name must not be blank" }
    return withText(entity, "name", name)
}

internal fun <M : MessageLite> emptyOf(kind: Kind<M>): M = kind.of(Entity.getDefaultInstance())
