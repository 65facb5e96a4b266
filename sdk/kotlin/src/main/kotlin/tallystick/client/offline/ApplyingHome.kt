/**
 * What does a waiting command do to a user's profile, preferences, displays and client values on the screen?
 *
 * A home is known by the profile in it: in a copy of another space none of these has an effect. Which currencies and time zones there are,
 * and which books the user is in, is for the server to say.
 */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.BookThing
import tallystick.v1.ClientValue
import tallystick.v1.DeleteClientValueRequest
import tallystick.v1.Display
import tallystick.v1.Preferences
import tallystick.v1.PutClientValueRequest
import tallystick.v1.ResetDisplayRequest
import tallystick.v1.UpdateDisplayRequest
import tallystick.v1.UpdateMeRequest
import tallystick.v1.UpdateSettingsRequest
import tallystick.v1.User

private val OF_USER = listOf("locale", "time_zone")
private val OF_PREFERENCES = listOf("base_currency", "first_day_of_week", "first_day_of_month", "theme", "hide_amounts")
private val OF_DISPLAY = listOf("color", "icon", "hidden", "position", "on_dashboard", "expanded")
private const val DAY_MAX = 28

private val KEY = Regex("[a-z0-9._/-]{1,128}")
private const val VALUE_BYTES_MAX = 16 * 1024
private const val VALUES_MAX = 500
private const val BYTES_MAX = 1024 * 1024

/** What there is no rule for leaves the view as it is. */
internal fun applyInHome(view: View, command: MessageLite, made: Made) {
    when (command) {
        is UpdateMeRequest -> changeUser(view, command, touched(command.updateMask.pathsList, command, OF_USER + "display_name"))
        is UpdateSettingsRequest -> updateSettings(view, command, made.spaceId)
        is UpdateDisplayRequest -> updateDisplay(view, command, made.spaceId)
        is ResetDisplayRequest -> {
            val thing = needed(command.thing.takeIf { command.hasThing() }, "a thing")
            takeAway(view, Kinds.DISPLAY, displayId(made.spaceId, thing))
        }
        is PutClientValueRequest -> putClientValue(view, command, made.spaceId)
        is DeleteClientValueRequest -> takeAway(view, Kinds.CLIENT_VALUE, clientValueId(made.spaceId, command.key))
    }
}

/** Locale and time zone are the user's own, and nowhere else. */
private fun updateSettings(view: View, request: UpdateSettingsRequest, homeId: String) {
    val names = touched(request.updateMask.pathsList, request, OF_USER + OF_PREFERENCES)
    refuseIf(request.firstDayOfMonth !in 0..DAY_MAX) { "no month starts on that day" }
    changeUser(view, request, names.filter { it in OF_USER })
    val before = liveIn(view, Kinds.PREFERENCES, homeId) ?: Preferences.newBuilder().setId(homeId).build()
    putChanged(view, Kinds.PREFERENCES, before, overlay(before, request, names.filter { it in OF_PREFERENCES }))
}

private fun updateDisplay(view: View, request: UpdateDisplayRequest, homeId: String) {
    profileIn(view)
    val names = touched(request.updateMask.pathsList, request, OF_DISPLAY)
    refuseIf(!request.hasThing()) { "it names no thing" }
    val named = BookThing.newBuilder().build {
        bookId = request.thing.bookId.lowercase()
        thingId = request.thing.thingId.lowercase()
    }
    val id = displayId(homeId, named)
    val before = liveIn(view, Kinds.DISPLAY, id) ?: Display.newBuilder().setId(id).setThing(named).build()
    putChanged(view, Kinds.DISPLAY, before, overlay(before, request, names))
}

private fun putClientValue(view: View, request: PutClientValueRequest, homeId: String) {
    profileIn(view)
    val isFitting = KEY.matches(request.key) && request.value.size() <= VALUE_BYTES_MAX
    refuseIf(!isFitting) { "the key or the value is too long, or the key has other characters" }
    val id = clientValueId(homeId, request.key)
    val there = liveIn(view, Kinds.CLIENT_VALUE, id)
    val after = ClientValue.newBuilder().build {
        this.id = id
        version = there?.version ?: 0
        key = request.key
        value = request.value
    }
    if (there == after) return
    // A base of 0 says that nothing is there.
    val base = if (request.hasBaseVersion()) request.baseVersion else null
    val isOther = there != null && base != null && (base == 0L || there.version > base)
    refuseIf(isOther) { "something else is there" }
    requireRoom(view, after)
    view.put(Kinds.CLIENT_VALUE, after)
}

private fun requireRoom(view: View, after: ClientValue) {
    val others = view.all(Kinds.CLIENT_VALUE).values.filter { it.id != after.id }
    val size = others.sumOf { it.value.size() } + after.value.size()
    refuseIf(others.size + 1 > VALUES_MAX || size > BYTES_MAX) { "there is no room for more" }
}

private fun changeUser(view: View, request: MessageLite, names: List<String>) {
    val before = profileIn(view)
    val after = overlay(before, request, names).toBuilder().build {
        locale = locale.ifEmpty { "en" }
        timeZone = timeZone.ifEmpty { "UTC" }
        if ("display_name" in names) displayName = requireText(displayName)
    }
    putChanged(view, Kinds.PROFILE, before, after)
}

internal fun profileIn(view: View): User = view.all(Kinds.PROFILE).values.firstOrNull() ?: throw Inapplicable("it is no home")

/** Where nothing is, nothing happens. */
private fun <M : MessageLite> takeAway(view: View, kind: Kind<M>, id: String) {
    profileIn(view)
    liveIn(view, kind, id)?.let { view.put(kind, it, deleted = true) }
}

internal fun <M : MessageLite> liveIn(view: View, kind: Kind<M>, id: String): M? =
    view.find(kind, id)?.takeUnless { it.deleted }?.entity

/** Nothing is made where nothing differs. */
internal fun <M : MessageLite> putChanged(view: View, kind: Kind<M>, before: M, after: M) {
    if (before != after) view.put(kind, after)
}
