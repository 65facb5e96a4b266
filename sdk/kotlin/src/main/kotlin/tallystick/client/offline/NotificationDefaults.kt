/** What is a user told who never said what they want? As the server has it. */
package tallystick.client.offline

import tallystick.client.build
import tallystick.v1.DigestFrequency
import tallystick.v1.KindPreference
import tallystick.v1.NotificationKind
import tallystick.v1.NotificationPreferences

internal val OFF: DigestFrequency = DigestFrequency.DIGEST_FREQUENCY_OFF
internal const val MONDAY: Int = 1
private const val HOUR_DEFAULT = 8

/** Nobody gets mails who did not ask for them. */
internal fun defaultPreferences(id: String): NotificationPreferences =
    NotificationPreferences.newBuilder().build {
        this.id = id
        digest = OFF
        digestHour = HOUR_DEFAULT
        digestWeekday = MONDAY
    }

/** As they are shown: what is not said is told everywhere. */
internal fun withEveryKind(preferences: NotificationPreferences): NotificationPreferences {
    val nothing = setOf(NotificationKind.NOTIFICATION_KIND_UNSPECIFIED, NotificationKind.UNRECOGNIZED)
    val kinds = NotificationKind.values().filter { it !in nothing }
    val told = preferences.kindsList.associateBy { it.kind }
    val shown = kinds.map { told[it] ?: KindPreference.newBuilder().setKind(it).setInApp(true).setEmail(true).build() }
    return preferences.toBuilder().clearKinds().addAllKinds(shown).build()
}
