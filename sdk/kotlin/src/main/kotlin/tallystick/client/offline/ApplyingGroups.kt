/**
 * What does a waiting command do to groups themselves, guests, comments, recurring expenses and links on the screen?
 *
 * Who leaves, is let in, and what a plan suggests, is for the server to say.
 */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.AddCommentRequest
import tallystick.v1.AddGuestRequest
import tallystick.v1.ArchiveGroupRequest
import tallystick.v1.DeleteCommentRequest
import tallystick.v1.ExpenseComment
import tallystick.v1.Group
import tallystick.v1.LockPeriodRequest
import tallystick.v1.Member
import tallystick.v1.MemberState
import tallystick.v1.ReopenPeriodRequest
import tallystick.v1.Role
import tallystick.v1.UnarchiveGroupRequest
import tallystick.v1.UpdateGroupLinkRequest
import tallystick.v1.UpdateGroupRequest

private val OF_GROUP = "name description simplify_debts discoverable join_policy default_split time_zone".split(" ")
private val OF_LINK = listOf("paid_from_account_id", "categories", "default_category_id")

/** What there is no rule for leaves the view as it is. */
internal fun applyInGroup(view: View, command: MessageLite, made: Made) {
    when (command) {
        is UpdateGroupRequest -> updateGroup(view, command, made)
        is ArchiveGroupRequest -> view.put(Kinds.EXPENSE_GROUP, groupIn(view, made).toBuilder().build { archived = true })
        is UnarchiveGroupRequest -> view.put(Kinds.EXPENSE_GROUP, groupIn(view, made).toBuilder().build { archived = false })
        is LockPeriodRequest -> lock(view, command.lockedUntil, made)
        is ReopenPeriodRequest -> reopen(view, command.lockedUntil, made)
        is AddGuestRequest -> addGuest(view, command, made)
        is AddCommentRequest -> addComment(view, command, made)
        is DeleteCommentRequest -> deleteComment(view, command.commentId, made)
        is UpdateGroupLinkRequest -> updateLink(view, command)
    }
    applyToExpenses(view, command, made)
    applyToRecurring(view, command, made)
    applyToSettlements(view, command, made)
}

private fun updateGroup(view: View, request: UpdateGroupRequest, made: Made) {
    val before = groupIn(view, made)
    val names = touched(request.updateMask.pathsList, request, OF_GROUP)
    val after = overlay(before, request, names).toBuilder().build {
        if ("name" in names) name = requireText(name)
        if ("description" in names) description = description.trim()
    }
    view.put(Kinds.EXPENSE_GROUP, if ("default_split" in names) withSplit(view, before, after) else after)
}

/** It can share something: each member once, and somebody bears a part. */
private fun withSplit(view: View, before: Group, after: Group): Group {
    val parts = after.defaultSplitList.map { it.toBuilder().setMemberId(it.memberId.lowercase()).build() }
    val named = parts.map { it.memberId }
    val sharesNothing = parts.isNotEmpty() && parts.all { it.weight == 0L }
    refuseIf(named.distinct().size < named.size || sharesNothing) { "it shares nothing, or names somebody twice" }
    requireIn(view, named, before.defaultSplitList.map { it.memberId })
    return after.toBuilder().clearDefaultSplit().addAllDefaultSplit(parts).build()
}

private fun lock(view: View, day: String, made: Made) {
    val group = groupIn(view, made)
    refuseIf(requireDay(day) < group.lockedUntil) { "reopening does that" }
    view.put(Kinds.EXPENSE_GROUP, group.toBuilder().build { lockedUntil = day })
}

private fun reopen(view: View, day: String, made: Made) {
    val group = groupIn(view, made)
    if (day.isNotEmpty()) requireDay(day)
    refuseIf(day > group.lockedUntil) { "locking does that" }
    view.put(Kinds.EXPENSE_GROUP, group.toBuilder().build { lockedUntil = day })
}

private fun addGuest(view: View, request: AddGuestRequest, made: Made) {
    requireInUse(groupIn(view, made))
    val guest = Member.newBuilder().build {
        id = request.memberId.lowercase()
        spaceId = made.spaceId
        displayName = requireText(request.displayName)
        state = MemberState.MEMBER_STATE_GUEST
        made.at?.let { joinedAt = it }
    }
    view.add(Kinds.MEMBER, guest)
}

private fun addComment(view: View, request: AddCommentRequest, made: Made) {
    val comment = ExpenseComment.newBuilder().build {
        id = request.commentId.lowercase()
        groupId = made.spaceId
        expenseId = view.require(Kinds.EXPENSE, request.expenseId).id
        memberId = ownMember(view, made).id
        text = requireText(request.text)
        made.at?.let { createdAt = it }
    }
    view.add(Kinds.EXPENSE_COMMENT, comment)
}

/** One's own, or as an owner. */
private fun deleteComment(view: View, commentId: String, made: Made) {
    val comment = view.require(Kinds.EXPENSE_COMMENT, commentId)
    val own = ownMember(view, made)
    refuseIf(comment.memberId != own.id && own.role != Role.ROLE_OWNER) { "it is another's" }
    view.put(Kinds.EXPENSE_COMMENT, comment, deleted = true)
}

private fun updateLink(view: View, request: UpdateGroupLinkRequest) {
    val before = view.require(Kinds.GROUP_LINK, request.linkId)
    val names = touched(request.updateMask.pathsList, request, OF_LINK)
    val after = overlay(before, request, names).toBuilder().build {
        paidFromAccountId = paidFromAccountId.lowercase()
        defaultCategoryId = defaultCategoryId.lowercase()
        val linked = categoriesList.map { it.toBuilder().setCategoryId(it.categoryId.lowercase()).build() }
        clearCategories().addAllCategories(linked)
    }
    view.put(Kinds.GROUP_LINK, after)
}
