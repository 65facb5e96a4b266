/** Who is in a group, and what may still change there, as the view has it? */
package tallystick.client.offline

import tallystick.v1.Group
import tallystick.v1.Member
import tallystick.v1.MemberState

/** The group that the space is. */
internal fun groupIn(view: View, made: Made): Group = view.require(Kinds.EXPENSE_GROUP, made.spaceId)

/** The member that the user is. */
internal fun ownMember(view: View, made: Made): Member =
    view.all(Kinds.MEMBER).values.find { made.userId.isNotEmpty() && it.userId == made.userId && isIn(it) }
        ?: throw Inapplicable("the user is not in the group")

/** Who is in the group now, guests too, in the order of their ids. */
internal fun presentIds(view: View): List<String> = view.all(Kinds.MEMBER).values.filter(::isIn).map { it.id }.sorted()

/** They are in the group; those who are named already may stay when they are gone. */
internal fun requireIn(view: View, memberIds: List<String>, kept: List<String> = emptyList()) {
    for (memberId in memberIds) {
        val member = view.require(Kinds.MEMBER, memberId)
        if (!isIn(member) && member.id !in kept) throw Inapplicable("nothing new names somebody who is gone")
    }
}

/** What counts on a day of a locked period stays as it is. */
internal fun requireUnlocked(group: Group, vararg days: String) {
    if (days.any { it <= group.lockedUntil }) throw Inapplicable("everything until ${group.lockedUntil} is locked")
}

internal fun requireInUse(group: Group) {
    if (group.archived) throw Inapplicable("the group is archived")
}

private fun isIn(member: Member): Boolean =
    member.state == MemberState.MEMBER_STATE_ACTIVE || member.state == MemberState.MEMBER_STATE_GUEST
