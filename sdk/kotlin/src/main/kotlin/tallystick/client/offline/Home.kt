/**
 * What does an app read from a copy of the user's home? The settings as they hold, how a thing looks, what is under a key, and what the
 * user wants to be told.
 *
 * A home is opened as any space, by the `homeId` of its user, and shows what waits in the outbox, too.
 */
package tallystick.client.offline

import tallystick.client.build
import tallystick.v1.BookThing
import tallystick.v1.ClientValue
import tallystick.v1.Display
import tallystick.v1.NotificationPreferences
import tallystick.v1.Preferences
import tallystick.v1.Settings
import tallystick.v1.Theme
import tallystick.v1.User
import tallystick.v1.Weekday

/** The settings. Null: the copy is not there yet. */
public suspend fun settingsIn(home: OfflineBook): Settings? {
    val user = home.list(Kinds.PROFILE).firstOrNull() ?: return null
    return composeSettings(user, home.get(Kinds.PREFERENCES, home.spaceId) ?: Preferences.getDefaultInstance())
}

/** How a thing of a book looks. Null: as the book has it. */
public suspend fun displayIn(home: OfflineBook, bookId: String, thingId: String): Display? =
    home.get(Kinds.DISPLAY, displayId(home.spaceId, BookThing.newBuilder().setBookId(bookId).setThingId(thingId).build()))

/** What is under a key. */
public suspend fun clientValueIn(home: OfflineBook, key: String): ClientValue? =
    home.get(Kinds.CLIENT_VALUE, clientValueId(home.spaceId, key))

/** What the user wants to be told, with every kind. */
public suspend fun notificationPreferencesIn(home: OfflineBook): NotificationPreferences {
    val id = notificationPreferencesId(home.spaceId)
    return withEveryKind(home.get(Kinds.NOTIFICATION_PREFERENCES, id) ?: defaultPreferences(id))
}

/** What holds: where the user has chosen nothing, the default. The same as on the server. */
internal fun composeSettings(user: User, preferences: Preferences): Settings =
    Settings.newBuilder().build {
        version = maxOf(user.version, preferences.version)
        locale = user.locale
        timeZone = user.timeZone
        baseCurrency = preferences.baseCurrency
        firstDayOfWeekValue = preferences.firstDayOfWeekValue.takeIf { it != 0 } ?: Weekday.WEEKDAY_MONDAY_VALUE
        firstDayOfMonth = preferences.firstDayOfMonth.takeIf { it != 0 } ?: 1
        themeValue = preferences.themeValue.takeIf { it != 0 } ?: Theme.THEME_SYSTEM_VALUE
        hideAmounts = preferences.hideAmounts
    }
