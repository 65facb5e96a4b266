/**
 * What does a waiting command do to a user's notifications on the screen, and to what they want to be told?
 *
 * What is read or deleted stays so. A notification that came meanwhile is for the server to know.
 */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import com.google.protobuf.Timestamp
import tallystick.client.build
import tallystick.v1.DeleteNotificationRequest
import tallystick.v1.MarkAllReadRequest
import tallystick.v1.MarkReadRequest
import tallystick.v1.Notification
import tallystick.v1.UpdateNotificationPreferencesRequest

private val CHANGEABLE = listOf("kinds", "digest", "digest_hour", "digest_weekday", "amounts_in_mail")
private const val HOUR_MAX = 23
private const val SUNDAY = 7

/** What there is no rule for leaves the view as it is. */
internal fun applyToNotifications(view: View, command: MessageLite, made: Made) {
    when (command) {
        is MarkReadRequest -> markRead(view, command.notificationIdsList.map { shownIn(view, it) }, made)
        is MarkAllReadRequest -> markAllRead(view, command, made)
        is DeleteNotificationRequest ->
            view.put(Kinds.NOTIFICATION, shownIn(view, command.notificationId).entity, deleted = true)
        is UpdateNotificationPreferencesRequest -> updatePreferences(view, command, made)
    }
}

private fun markRead(view: View, told: List<Shown<Notification>>, made: Made) {
    for (shown in told.filter { !it.deleted && !it.entity.hasReadAt() }) {
        view.put(Kinds.NOTIFICATION, shown.entity.toBuilder().build { made.at?.let { readAt = it } })
    }
}

/** What is only mailed, nobody reads. */
private fun markAllRead(view: View, request: MarkAllReadRequest, made: Made) {
    // Without a moment it is that of the server: whatever the copy has was told before.
    val moment =
        when (request.untilCase) {
            MarkAllReadRequest.UntilCase.NOTIFICATION_ID -> shownIn(view, request.notificationId).entity.createdAt
            MarkAllReadRequest.UntilCase.AT -> request.at
            else -> null
        }
    val told = view.all(Kinds.NOTIFICATION).values.filter { !it.mailOnly && (moment == null || BY_TIME.compare(it.createdAt, moment) <= 0) }
    markRead(view, told.map { Shown(it, deleted = false) }, made)
}

private val BY_TIME = compareBy<Timestamp>({ it.seconds }, { it.nanos })

private fun updatePreferences(view: View, request: UpdateNotificationPreferencesRequest, made: Made) {
    profileIn(view)
    val names = touched(request.updateMask.pathsList, request, CHANGEABLE)
    val isOnClock = request.digestHour in 0..HOUR_MAX && request.digestWeekday in 0..SUNDAY
    refuseIf(!isOnClock) { "there is no such hour, or no such day" }
    val id = notificationPreferencesId(made.spaceId)
    val before = liveIn(view, Kinds.NOTIFICATION_PREFERENCES, id) ?: defaultPreferences(id)
    val told = overlay(before, request, names)
    refuseIf(told.kindsList.distinctBy { it.kindValue }.size < told.kindsCount) { "a kind is named twice" }
    // Kinds that are not named keep what they have.
    val kinds = (before.kindsList + told.kindsList).associateBy { it.kindValue }.values.sortedBy { it.kindValue }
    val after = told.toBuilder().build {
        clearKinds().addAllKinds(kinds)
        if (digestValue == 0) digest = OFF
        if (digestWeekday == 0) digestWeekday = MONDAY
    }
    putChanged(view, Kinds.NOTIFICATION_PREFERENCES, before, after)
}

/** A notification that there is or was. */
private fun shownIn(view: View, id: String): Shown<Notification> =
    view.find(Kinds.NOTIFICATION, id) ?: throw Inapplicable("there is no notification $id")
