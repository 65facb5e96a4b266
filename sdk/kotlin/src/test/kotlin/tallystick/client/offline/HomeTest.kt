/** What does a device show of a home whose commands wait? As the server would have it. */
package tallystick.client.offline

import com.google.protobuf.ByteString
import com.google.protobuf.FieldMask
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull
import tallystick.client.build
import tallystick.client.cases
import tallystick.client.messageIn
import tallystick.client.newId
import tallystick.client.text
import tallystick.client.vectors
import tallystick.v1.BookThing
import tallystick.v1.DeleteClientValueRequest
import tallystick.v1.Preferences
import tallystick.v1.PutClientValueRequest
import tallystick.v1.ResetDisplayRequest
import tallystick.v1.Settings
import tallystick.v1.Theme
import tallystick.v1.UpdateDisplayRequest
import tallystick.v1.UpdateMeRequest
import tallystick.v1.UpdateSettingsRequest
import tallystick.v1.User

private const val VALUE_MAX = 16 * 1024

private fun put(key: String, value: ByteString, base: Long? = null): PutClientValueRequest =
    PutClientValueRequest.newBuilder().build { this.key = key; this.value = value; base?.let { baseVersion = it } }

private fun bytes(text: String): ByteString = ByteString.copyFromUtf8(text)

private fun mask(vararg paths: String): FieldMask = FieldMask.newBuilder().addAllPaths(paths.toList()).build()

private fun settings(write: UpdateSettingsRequest.Builder.() -> Unit): UpdateSettingsRequest =
    UpdateSettingsRequest.newBuilder().build(write)

class HomeTest {
    private val vectors = vectors("home.json")
    private val user = User.newBuilder().build { id = newId(); displayName = "Ann"; locale = "en"; timeZone = "UTC" }
    private val home = Screen(user.id).apply { know(Kinds.PROFILE, user) }
    private val thing = BookThing.newBuilder().setBookId(newId()).setThingId(newId()).build()

    private fun held(): Settings =
        composeSettings(home.list(Kinds.PROFILE).single(), home.get(Kinds.PREFERENCES, home.id) ?: Preferences.getDefaultInstance())

    @Test
    fun `ids follow from the home and from what they are about`() {
        val homeId = vectors.text("homeId")
        for (case in vectors.cases("displays")) {
            val about = BookThing.newBuilder().setBookId(case.text("bookId")).setThingId(case.text("thingId")).build()
            assertEquals(case.text("id"), displayId(homeId, about))
        }
        for (case in vectors.cases("clientValues")) assertEquals(case.text("id"), clientValueId(homeId, case.text("key")), case.text("key"))
        assertEquals(vectors.text("notificationPreferences"), notificationPreferencesId(homeId.uppercase()))
    }

    @Test
    fun `settings hold as the vectors say`() {
        for (case in vectors.cases("settings")) {
            val user = messageIn(case.getAsJsonObject("user"), User.getDefaultInstance())
            val preferences = messageIn(case.getAsJsonObject("preferences"), Preferences.getDefaultInstance())
            val expected = messageIn(case.getAsJsonObject("settings"), Settings.getDefaultInstance())
            assertEquals(expected, composeSettings(user, preferences), case.text("name"))
        }
    }

    @Test
    fun `settings are shown at once, and locale and time zone are the user's`() {
        assertEquals(Theme.THEME_SYSTEM, held().theme)
        home.act(settings { theme = Theme.THEME_DARK; locale = "fr"; firstDayOfMonth = 28 })
        home.act(UpdateMeRequest.newBuilder().setDisplayName(" Anna ").setTimeZone("Asia/Tokyo").build())
        home.act(settings { updateMask = mask("theme", "locale"); baseCurrency = "CHF" })
        val told = held()
        assertEquals(
            listOf(Theme.THEME_SYSTEM, "en", "Asia/Tokyo", 28, ""),
            listOf(told.theme, told.locale, told.timeZone, told.firstDayOfMonth, told.baseCurrency),
        )
        assertEquals("Anna", home.list(Kinds.PROFILE).single().displayName)
        home.act(settings { updateMask = mask("*"); hideAmounts = true })
        assertEquals(1 to true, held().firstDayOfMonth to held().hideAmounts)
    }

    @Test
    fun `a change that changes nothing makes nothing, and what the server would refuse is not shown`() {
        home.act(put("b", bytes("x")))
        home.refuses(
            settings { locale = "en" },
            settings { updateMask = mask("theme") },
            UpdateDisplayRequest.newBuilder().setThing(thing).setUpdateMask(mask("hidden")).build(),
            ResetDisplayRequest.newBuilder().setThing(thing).build(),
            DeleteClientValueRequest.newBuilder().setKey("never").build(),
            settings { firstDayOfMonth = 29; locale = "it" },
            settings { updateMask = mask("nothing"); locale = "it" },
            UpdateMeRequest.newBuilder().setDisplayName(" ").build(),
            UpdateDisplayRequest.newBuilder().setHidden(true).build(),
            ResetDisplayRequest.getDefaultInstance(),
            put("A", bytes("x")),
            put("", bytes("x")),
            put("0".repeat(129), bytes("x")),
            put("a\n", bytes("x")),
            put("large", ByteString.copyFrom(ByteArray(VALUE_MAX + 1))),
            put("b", bytes("y"), base = 0),
        )
    }

    @Test
    fun `displays are shown at once, and begin anew after a reset`() {
        val loud = BookThing.newBuilder().setBookId(thing.bookId.uppercase()).setThingId(thing.thingId.uppercase()).build()
        val (id) = home.act(UpdateDisplayRequest.newBuilder().build { thing = loud; color = "#102030"; position = 2; expanded = true })
        home.act(UpdateDisplayRequest.newBuilder().setThing(thing).build { hidden = true; updateMask = mask("hidden", "color") })
        val shown = home.get(Kinds.DISPLAY, id)
        assertEquals(listOf(true, "", 2, thing), listOf(shown?.hidden, shown?.color, shown?.position, shown?.thing))
        home.act(ResetDisplayRequest.newBuilder().setThing(thing).build())
        assertNull(home.get(Kinds.DISPLAY, id))
        home.act(UpdateDisplayRequest.newBuilder().setThing(thing).setIcon("wallet").build())
        assertEquals(0, home.get(Kinds.DISPLAY, id)?.position)
    }

    @Test
    fun `client values are shown at once, and there is room for so many`() {
        val large = ByteString.copyFrom(ByteArray(VALUE_MAX))
        val (id) = home.act(put("k", bytes("one"), base = 0))
        assertEquals(clientValueId(home.id, "k"), id)
        home.act(put("k", bytes("two")))
        assertEquals(bytes("two"), home.get(Kinds.CLIENT_VALUE, id)?.value)
        home.act(DeleteClientValueRequest.newBuilder().setKey("k").build())
        assertNull(home.get(Kinds.CLIENT_VALUE, id))
        for (number in 0 until 63) home.act(put("large/$number", large))
        home.act(put("last", large.substring(1)))
        home.refuses(put("small", bytes("xx")))
        home.act(put("small", bytes("x")))
        home.refuses(put("last", large))
    }

    @Test
    fun `a copy that holds no home shows no settings`() {
        Screen().refuses(
            settings { theme = Theme.THEME_DARK },
            UpdateDisplayRequest.newBuilder().setThing(thing).setHidden(true).build(),
            put("k", bytes("x")),
        )
    }
}
