/** What does a device show of notifications whose commands wait? What is read or deleted stays so. */
package tallystick.client.offline

import com.google.protobuf.FieldMask
import com.google.protobuf.Timestamp
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import tallystick.client.build
import tallystick.client.newId
import tallystick.v1.DeleteNotificationRequest
import tallystick.v1.DigestFrequency
import tallystick.v1.KindPreference
import tallystick.v1.MarkAllReadRequest
import tallystick.v1.MarkReadRequest
import tallystick.v1.Notification
import tallystick.v1.NotificationKind
import tallystick.v1.NotificationKind.NOTIFICATION_KIND_BUDGET_REACHED
import tallystick.v1.NotificationKind.NOTIFICATION_KIND_MEMBERS
import tallystick.v1.NotificationKind.NOTIFICATION_KIND_REMINDER_DUE
import tallystick.v1.NotificationPreferences
import tallystick.v1.UpdateNotificationPreferencesRequest
import tallystick.v1.User

private fun at(seconds: Long, nanos: Int = 0): Timestamp = Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos).build()

private fun of(kind: NotificationKind, inApp: Boolean = false, email: Boolean = false): KindPreference =
    KindPreference.newBuilder().setKind(kind).setInApp(inApp).setEmail(email).build()

private fun preferring(write: UpdateNotificationPreferencesRequest.Builder.() -> Unit): UpdateNotificationPreferencesRequest =
    UpdateNotificationPreferencesRequest.newBuilder().build(write)

private fun reading(vararg ids: String): MarkReadRequest = MarkReadRequest.newBuilder().addAllNotificationIds(ids.toList()).build()

private fun readingUntil(moment: Timestamp): MarkAllReadRequest = MarkAllReadRequest.newBuilder().setAt(moment).build()

private fun deleting(id: String): DeleteNotificationRequest = DeleteNotificationRequest.newBuilder().setNotificationId(id).build()

class NotificationsTest {
    private val home = Screen().apply { know(Kinds.PROFILE, User.newBuilder().setId(newId()).build()) }

    /** Copies list in the order of ids. */
    private val ids = List(4) { newId() }.sorted()
    private val first = ids[0]
    private val second = ids[1]
    private val third = ids[2]
    private val mailed = ids[3]

    init {
        ids.forEachIndexed { index, id ->
            home.know(Kinds.NOTIFICATION, Notification.newBuilder().setId(id).setCreatedAt(at(10, index)).setMailOnly(id == mailed).build())
        }
    }

    private fun unread(): List<String> = home.list(Kinds.NOTIFICATION).filterNot { it.hasReadAt() }.map { it.id }

    private fun preferences(): NotificationPreferences = home.list(Kinds.NOTIFICATION_PREFERENCES).single()

    @Test
    fun `what is read is marked at once, and stays so`() {
        home.act(reading(second.uppercase()))
        assertEquals(listOf(first, third, mailed), unread())
        home.refuses(reading(second))
        home.act(reading(second, mailed))
        assertEquals(listOf(first, third), unread())
        assertEquals(at(Screen.NOON), home.get(Kinds.NOTIFICATION, second)?.readAt)
    }

    @Test
    fun `all is read that was told until a moment`() {
        home.refuses(readingUntil(at(9, 999_999_999)))
        home.act(deleting(first))
        home.refuses(MarkAllReadRequest.newBuilder().setNotificationId(first).build())
        home.act(readingUntil(at(10, 1)))
        assertEquals(listOf(third, mailed), unread())
        home.act(MarkAllReadRequest.getDefaultInstance())
        assertEquals(listOf(mailed), unread())
    }

    @Test
    fun `what is deleted is gone, and nothing marks it`() {
        home.act(deleting(first.uppercase()))
        home.act(deleting(first))
        home.act(reading(first, third))
        assertEquals(listOf(second, mailed), unread())
        assertNull(home.get(Kinds.NOTIFICATION, first))
        home.refuses(reading(second, newId()), deleting(newId()), MarkAllReadRequest.newBuilder().setNotificationId(newId()).build())
    }

    @Test
    fun `what is not said of what the user is told keeps what it has`() {
        home.act(
            preferring {
                addKinds(of(NOTIFICATION_KIND_REMINDER_DUE, inApp = true))
                addKinds(of(NOTIFICATION_KIND_BUDGET_REACHED))
                digest = DigestFrequency.DIGEST_FREQUENCY_WEEKLY
            }
        )
        home.act(preferring { addKinds(of(NOTIFICATION_KIND_BUDGET_REACHED, email = true)) })
        home.act(preferring { updateMask = FieldMask.newBuilder().addPaths("digest_hour").addPaths("digest_weekday").build() })
        val kinds = listOf(of(NOTIFICATION_KIND_BUDGET_REACHED, email = true), of(NOTIFICATION_KIND_REMINDER_DUE, inApp = true))
        val kept = preferences()
        assertEquals(kinds, kept.kindsList.toList())
        assertEquals(notificationPreferencesId(home.id), kept.id)
        assertEquals(listOf(DigestFrequency.DIGEST_FREQUENCY_WEEKLY, 0, 1), listOf(kept.digest, kept.digestHour, kept.digestWeekday))
    }

    @Test
    fun `who never said what they want is told everything, but not by mail`() {
        val shown = withEveryKind(defaultPreferences(home.id))
        val told = listOf(shown.digest, shown.digestHour, shown.digestWeekday, shown.kindsCount)
        assertEquals(listOf(DigestFrequency.DIGEST_FREQUENCY_OFF, 8, 1, 12), told)
        assertTrue(shown.kindsList.all { it.inApp && it.email })
        val other = withEveryKind(shown.toBuilder().clearKinds().addKinds(of(NOTIFICATION_KIND_MEMBERS)).build())
        assertEquals(listOf(of(NOTIFICATION_KIND_MEMBERS)), other.kindsList.filterNot { it.inApp })
    }

    @Test
    fun `what the server would refuse is not shown`() {
        home.refuses(
            preferring { addKinds(of(NOTIFICATION_KIND_MEMBERS)).addKinds(of(NOTIFICATION_KIND_MEMBERS)) },
            preferring { digestHour = 24 },
            preferring { digestWeekday = 8 },
            preferring { updateMask = FieldMask.newBuilder().addPaths("version").build() },
        )
        Screen().refuses(preferring { digestHour = 3 })
    }
}
