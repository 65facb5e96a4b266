/** Who is in a group, and what may still change there, as the view has it? */
package tallystick.client.offline

import com.google.protobuf.Timestamp
import java.util.Calendar
import java.util.GregorianCalendar
import java.util.Locale
import java.util.TimeZone
import tallystick.v1.Group
import tallystick.v1.Member
import tallystick.v1.MemberState

private val DAY = Regex("(\\d{4})-(\\d{2})-(\\d{2})")
private const val MS_PER_S = 1_000L

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

/** The civil date on which the command was made, where the group or book is. The server's is that on which it arrives. */
internal fun todayIn(timeZone: String, at: Timestamp?): String {
    val calendar = GregorianCalendar(TimeZone.getTimeZone(timeZone.ifEmpty { "UTC" }), Locale.ROOT)
    calendar.timeInMillis = at?.let { it.seconds * MS_PER_S } ?: System.currentTimeMillis()
    val month = calendar.get(Calendar.MONTH) + 1
    return "%04d-%02d-%02d".format(Locale.ROOT, calendar.get(Calendar.YEAR), month, calendar.get(Calendar.DAY_OF_MONTH))
}

/** A civil date that exists. */
internal fun requireDay(day: String): String {
    val parts = DAY.matchEntire(day)?.destructured?.toList()?.map(String::toInt)
    val (year, month, number) = parts ?: throw Inapplicable("there is no day $day")
    if (month !in 1..MONTHS || number !in 1..daysIn(year, month)) throw Inapplicable("there is no day $day")
    return day
}

private const val MONTHS = 12

private fun daysIn(year: Int, month: Int): Int =
    when (month) {
        2 -> if (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) 29 else 28
        4, 6, 9, 11 -> 30
        else -> 31
    }

private fun isIn(member: Member): Boolean =
    member.state == MemberState.MEMBER_STATE_ACTIVE || member.state == MemberState.MEMBER_STATE_GUEST
