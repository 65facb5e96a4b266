/**
 * What changes on the screen when two categories become one? Whatever has the one gets the other.
 *
 * What stands on accounts that the user does not see is for the server to know: it refuses to merge a category that is in use there.
 */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.Category
import tallystick.v1.GroupLink
import tallystick.v1.GroupLinkState
import tallystick.v1.MergeCategoriesRequest
import tallystick.v1.TransactionDraft

private const val DEPTH_MAX = 10

internal fun mergeCategories(view: View, request: MergeCategoriesRequest) {
    val source = view.require(Kinds.CATEGORY, request.categoryId)
    val target = view.require(Kinds.CATEGORY, request.intoCategoryId)
    requireMerge(view, source, target)
    val other = { id: String -> if (id == source.id) target.id else id }
    merge(view, Kinds.TRANSACTION) { transaction ->
        transaction.toBuilder().build {
            entriesList.forEachIndexed { index, entry -> setEntries(index, entry.toBuilder().setCategoryId(other(entry.categoryId))) }
        }
    }
    merge(view, Kinds.TEMPLATE) { it.toBuilder().build { if (hasDraft()) draft = merged(draft, other) } }
    merge(view, Kinds.RULE) { rule ->
        rule.toBuilder().build { if (hasThen()) setThen(then.toBuilder().setCategoryId(other(then.categoryId))) }
    }
    merge(view, Kinds.PAYEE) { it.toBuilder().build { defaultCategoryId = other(defaultCategoryId) } }
    merge(view, Kinds.CATEGORY) { it.toBuilder().build { parentId = other(parentId) } }
    merge(view, Kinds.GROUP_LINK) { merged(it, other) }
    // One that names both counts the same entries as before, once.
    merge(view, Kinds.BUDGET_ITEM) { item ->
        val merged = item.categoryIdsList.map(other).distinct().sorted()
        if (source.id in item.categoryIdsList) item.toBuilder().clearCategoryIds().addAllCategoryIds(merged).build() else item
    }
    view.put(Kinds.CATEGORY, source, deleted = true)
}

private fun <M : MessageLite> merge(view: View, kind: Kind<M>, change: (M) -> M) {
    for (before in view.all(kind).values.toList()) {
        val after = change(before)
        if (after != before) view.put(kind, after)
    }
}

private fun merged(draft: TransactionDraft, other: (String) -> String): TransactionDraft =
    draft.toBuilder().build {
        categoryId = other(categoryId)
        splitsList.forEachIndexed { index, split -> setSplits(index, split.toBuilder().setCategoryId(other(split.categoryId))) }
    }

/** One that is not followed gives nothing a category. */
private fun merged(link: GroupLink, other: (String) -> String): GroupLink =
    if (link.state != GroupLinkState.GROUP_LINK_STATE_ACTIVE) link
    else link.toBuilder().build {
        defaultCategoryId = other(defaultCategoryId)
        categoriesList.forEachIndexed { index, each -> setCategories(index, each.toBuilder().setCategoryId(other(each.categoryId))) }
    }

/** All that is below the source must have a place below the target. */
private fun requireMerge(view: View, source: Category, target: Category) {
    val all = view.all(Kinds.CATEGORY)
    val path = pathOf(all, target)
    val isOther = source.kind != target.kind || source.id in path
    refuseIf(isOther) { "a category becomes another one of its kind, which is not below it" }
    refuseIf(path.size + heightOf(all, source.id) - 1 > DEPTH_MAX) { "that is too deep" }
}

/** A category, its parent, and so on to the top. */
private fun pathOf(all: Map<String, Category>, category: Category): List<String> {
    val path = mutableListOf(category.id)
    var parentId = category.parentId
    while (parentId in all && parentId !in path) {
        path += parentId
        parentId = all.getValue(parentId).parentId
    }
    return path
}

/** How many levels a category and all that is below it take. */
private fun heightOf(all: Map<String, Category>, categoryId: String): Int {
    var levels = 0
    var level = listOf(categoryId)
    while (level.isNotEmpty() && levels <= all.size) {
        level = all.values.filter { it.parentId in level }.map { it.id }
        levels += 1
    }
    return levels
}
