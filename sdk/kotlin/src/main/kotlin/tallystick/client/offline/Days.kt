/** How are civil dates counted? In whole days since 1970, without a calendar of Java's, which on old Androids is not there. */
package tallystick.client.offline

import com.google.protobuf.Timestamp
import java.util.TimeZone

private val DAY = Regex("([0-9]{4})-([0-9]{2})-([0-9]{2})")
private const val YEAR_MAX = 9999
private const val YEAR_MONTHS = 12
private const val MS_PER_S = 1_000L
private const val MS_PER_DAY = 86_400_000L

// Years are counted from March on here, with the leap day at the end. After 400 of them everything begins anew.
private const val ERA_YEARS = 400
private const val ERA_DAYS = 146_097
private const val CENTURY_YEARS = 100
private const val CENTURY_DAYS = 36_524
private const val LEAP_YEARS = 4
private const val LEAP_YEARS_DAYS = 1_460
private const val YEAR_DAYS = 365
private const val UNTIL_1970 = 719_468

// From March on, and again from August on, five months have 153 days.
private const val FIVE_MONTHS = 5
private const val FIVE_MONTHS_DAYS = 153
private const val MARCH = 3

/** A civil date that exists. */
internal fun requireDay(day: String): String {
    refuseIf(!isDay(day)) { "there is no day $day" }
    return day
}

private fun isDay(day: String): Boolean {
    val (year, month, number) = DAY.matchEntire(day)?.destructured?.toList()?.map(String::toInt) ?: return false
    return year >= 1 && month in 1..YEAR_MONTHS && number in 1..daysIn(year, month)
}

/** The civil date at a moment, now if it is not told, in a time zone. The server's is that on which a command arrives. */
internal fun todayIn(timeZone: String, at: Timestamp?): String {
    val ms = if (at == null) System.currentTimeMillis() else at.seconds * MS_PER_S
    val zone = TimeZone.getTimeZone(timeZone.ifEmpty { "UTC" })
    return dayOf((ms + zone.getOffset(ms)).floorDiv(MS_PER_DAY).toInt())
}

/** How many days after 1970 began a date is. */
internal fun ordinalOf(day: String): Int = ordinalOf(yearOf(day), monthIn(day), numberIn(day))

internal fun ordinalOf(year: Int, month: Int, number: Int): Int {
    val years = if (month < MARCH) year - 1 else year
    val leapDays = years.floorDiv(LEAP_YEARS) - years.floorDiv(CENTURY_YEARS) + years.floorDiv(ERA_YEARS)
    return years * YEAR_DAYS + leapDays + daysBefore((month - MARCH).mod(YEAR_MONTHS)) + number - 1 - UNTIL_1970
}

/** The date that is so many days after 1970 began. What is outside of the calendar is refused. */
internal fun dayOf(ordinal: Int): String {
    val era = (ordinal + UNTIL_1970).floorDiv(ERA_DAYS)
    val inEra = (ordinal + UNTIL_1970).mod(ERA_DAYS)
    val withoutLeapDays = inEra - inEra / LEAP_YEARS_DAYS + inEra / CENTURY_DAYS - inEra / (ERA_DAYS - 1)
    val years = withoutLeapDays / YEAR_DAYS
    val inYear = inEra - (years * YEAR_DAYS + years / LEAP_YEARS - years / CENTURY_YEARS)
    val months = (FIVE_MONTHS * inYear + 2) / FIVE_MONTHS_DAYS
    val month = (months + MARCH - 1).mod(YEAR_MONTHS) + 1
    val year = era * ERA_YEARS + years + if (month < MARCH) 1 else 0
    return dayOf(year, month, inYear - daysBefore(months) + 1)
}

/** Before a month that comes so many after March. */
private fun daysBefore(months: Int): Int = (FIVE_MONTHS_DAYS * months + 2) / FIVE_MONTHS

internal fun dayOf(year: Int, month: Int, number: Int): String {
    refuseIf(year !in 1..YEAR_MAX) { "that is outside of the calendar" }
    return "${padded(year, 4)}-${padded(month, 2)}-${padded(number, 2)}"
}

internal fun daysIn(year: Int, month: Int): Int {
    val following = if (month == YEAR_MONTHS) ordinalOf(year + 1, 1, 1) else ordinalOf(year, month + 1, 1)
    return following - ordinalOf(year, month, 1)
}

internal fun yearOf(day: String): Int = day.substring(0, 4).toInt()

internal fun numberIn(day: String): Int = day.substring(8).toInt()

/** The months from the year 0 on. */
internal fun monthOf(day: String): Int = yearOf(day) * YEAR_MONTHS + monthIn(day) - 1

private fun monthIn(day: String): Int = day.substring(5, 7).toInt()

private fun padded(number: Int, digits: Int): String = number.toString().padStart(digits, '0')
