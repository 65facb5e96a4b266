/**
 * Which periods has a budget, and which of them holds a day? As on the server: civil dates in, civil dates out.
 *
 * Every period is computed from the anchor by its number and never from the one before it, so that the 31st is a 31st again after February.
 */
package tallystick.client.offline

import tallystick.client.build
import tallystick.v1.Book
import tallystick.v1.Budget
import tallystick.v1.BudgetPeriods
import tallystick.v1.BudgetPeriods.SchemeCase
import tallystick.v1.ListedPeriods
import tallystick.v1.MonthPeriods
import tallystick.v1.WeekPeriods
import tallystick.v1.Weekday

private const val LENGTH_MAX = 60

// How far after the first one money is assigned.
private const val PERIODS_MAX = 1200
private const val WEEK_DAYS = 7
private const val YEAR_MONTHS = 12

// 1970 began on a Thursday.
private const val EPOCH_WEEKDAY = 3

/** The `number` is its place: 0 is the one of the anchor, or the first that is listed. */
internal class Period(val number: Int, val fromOn: String, val untilOn: String)

/** What a budget leaves to the book is kept in it. What no periods follow from is refused. */
internal fun withPeriods(budget: Budget, book: Book, today: String): Budget {
    val periods = budget.periods
    val filled = budget.toBuilder().build {
        when (periods.schemeCase) {
            SchemeCase.WEEKS -> {
                startsOn = startsOn.ifEmpty { today }
                setPeriods(periods.toBuilder().setWeeks(filled(periods.weeks, book, startsOn)))
            }
            SchemeCase.MONTHS -> {
                startsOn = startsOn.ifEmpty { today }
                setPeriods(periods.toBuilder().setMonths(filled(periods.months, book, startsOn)))
            }
            SchemeCase.LISTED -> {
                val listed = inOrder(periods.listed)
                startsOn = startsOn.ifEmpty { listed.getSpans(0).fromOn }
                setPeriods(periods.toBuilder().setListed(listed))
            }
            else -> throw Inapplicable("how its periods follow each other must be stated")
        }
    }
    requireDay(filled.startsOn)
    firstOf(filled)
    return filled
}

private fun filled(weeks: WeekPeriods, book: Book, startsOn: String): WeekPeriods =
    weeks.toBuilder().build {
        anchorOn = requireDay(anchorOn.ifEmpty { startsOn })
        firstDayValue = listOf(firstDayValue, book.firstDayOfWeekValue, Weekday.WEEKDAY_MONDAY_VALUE).first { it != 0 }
        refuseIf(firstDay == Weekday.UNRECOGNIZED) { "there is no such day of the week" }
        requireLength(this.weeks)
    }

private fun filled(months: MonthPeriods, book: Book, startsOn: String): MonthPeriods =
    months.toBuilder().build {
        val year = yearOf(requireDay(startsOn))
        anchorOn = requireDay(anchorOn.ifEmpty { dayOf(year, 1, book.firstDayOfMonth.coerceAtLeast(1)) })
        requireLength(this.months)
    }

/** The period of a budget that holds a day, if it has one that counts. */
internal fun periodOf(budget: Budget, day: String): Period {
    val period = findPeriod(budget.periods, requireDay(day))
    val after = period?.let { it.number - firstOf(budget).number }
    return period?.takeIf { after in 0 until PERIODS_MAX } ?: throw Inapplicable("no period of the budget holds $day")
}

/** The one that holds the day. Null: it is in a gap between those that are listed. */
private fun findPeriod(periods: BudgetPeriods, day: String): Period? =
    when (periods.schemeCase) {
        SchemeCase.WEEKS -> {
            val length = periods.weeks.weeks * WEEK_DAYS
            periodAt(periods, (ordinalOf(day) - firstWeek(periods.weeks)).floorDiv(length))
        }
        SchemeCase.MONTHS -> {
            val number = (monthOf(day) - monthOf(periods.months.anchorOn)).floorDiv(periods.months.months)
            // A period begins somewhere in its first month: a day before that is still in the period before.
            periodAt(periods, if (beginsOn(periods, number) <= day) number else number - 1)
        }
        SchemeCase.LISTED -> listed(periods.listed).firstOrNull { it.fromOn <= day && day <= it.untilOn }
        else -> throw Inapplicable("it has no periods")
    }

/** The first that ends on the day that the budget starts on, or later. */
private fun firstOf(budget: Budget): Period {
    val periods = budget.periods
    val isListed = periods.schemeCase == SchemeCase.LISTED
    val first =
        if (isListed) listed(periods.listed).firstOrNull { it.untilOn >= budget.startsOn } else findPeriod(periods, budget.startsOn)
    return first ?: throw Inapplicable("it starts after all periods that are listed")
}

private fun requireLength(length: Int) {
    refuseIf(length !in 1..LENGTH_MAX) { "a period has 1 to $LENGTH_MAX weeks or months" }
}

/** No day is in two of them, and none ends before it begins. */
private fun inOrder(periods: ListedPeriods): ListedPeriods {
    val spans = periods.spansList.sortedBy { it.fromOn }
    for (span in spans) listOf(span.fromOn, span.untilOn).forEach(::requireDay)
    val isInOrder = spans.all { it.fromOn <= it.untilOn } && spans.zipWithNext().all { (one, other) -> one.untilOn < other.fromOn }
    refuseIf(spans.isEmpty() || !isInOrder) { "periods do not overlap, and end after they begin" }
    return periods.toBuilder().clearSpans().addAllSpans(spans).build()
}

private fun listed(periods: ListedPeriods): List<Period> =
    periods.spansList.mapIndexed { number, span -> Period(number, span.fromOn, span.untilOn) }

// The same function twice, so that between two periods there can be neither a gap nor a day of both.
private fun periodAt(periods: BudgetPeriods, number: Int): Period =
    Period(number, beginsOn(periods, number), dayOf(ordinalOf(beginsOn(periods, number + 1)) - 1))

private fun beginsOn(periods: BudgetPeriods, number: Int): String {
    if (periods.schemeCase == SchemeCase.WEEKS) {
        return dayOf(firstWeek(periods.weeks) + number * periods.weeks.weeks * WEEK_DAYS)
    }
    val anchor = periods.months.anchorOn
    val months = monthOf(anchor) + number * periods.months.months
    val (year, month) = months.floorDiv(YEAR_MONTHS) to months.mod(YEAR_MONTHS) + 1
    return dayOf(year, month, minOf(numberIn(anchor), daysIn(year, month)))
}

/** The first day, as a number, of the period with the number 0. */
private fun firstWeek(weeks: WeekPeriods): Int {
    val anchor = ordinalOf(weeks.anchorOn)
    return anchor - (anchor + EPOCH_WEEKDAY - (weeks.firstDayValue - Weekday.WEEKDAY_MONDAY_VALUE)).mod(WEEK_DAYS)
}
