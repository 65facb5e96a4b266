/** Are days counted as everybody else counts them? */
package tallystick.client.offline

import com.google.protobuf.Timestamp
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import kotlin.random.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

class DaysTest {
    @Test
    fun `every day of the calendar has its number`() {
        var day = LocalDate.of(1, 1, 1)
        while (day.year <= 9999) {
            val told = day.toString()
            assertEquals(day.toEpochDay().toInt(), ordinalOf(told), told)
            assertEquals(told, dayOf(ordinalOf(told)))
            day = day.plusDays(if (day.year in 1890..2110) 1 else 13)
        }
        for (outside in listOf(LocalDate.of(0, 12, 31), LocalDate.of(10_000, 1, 1))) {
            assertFailsWith<Inapplicable> { dayOf(outside.toEpochDay().toInt()) }
        }
    }

    @Test
    fun `there are days that do not exist`() {
        val unwritten = listOf("", "2026-2-03", "2026-01-01T", "１234-01-01")
        val missing = listOf("2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "0000-01-01", "2026-01-00")
        for (day in unwritten + missing) assertFailsWith<Inapplicable>(day) { requireDay(day) }
        for (day in listOf("2024-02-29", "2000-02-29", "9999-12-31", "0001-01-01")) assertEquals(day, requireDay(day))
    }

    @Test
    fun `a day is that of the place`() {
        val random = Random(2)
        for (zone in listOf("UTC", "Asia/Tokyo", "America/New_York", "Pacific/Apia", "Europe/Berlin")) {
            repeat(200) {
                val seconds = random.nextLong(-1_000_000_000, 4_000_000_000)
                val expected = Instant.ofEpochSecond(seconds).atZone(ZoneId.of(zone)).toLocalDate()
                assertEquals("$expected", todayIn(zone, Timestamp.newBuilder().setSeconds(seconds).build()), zone)
            }
        }
        assertEquals("1970-01-01", todayIn("", Timestamp.getDefaultInstance()))
    }
}
