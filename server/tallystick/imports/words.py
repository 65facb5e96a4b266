"""How are the readers' words said in the contract? Pure."""

from tallystick.imports.reading.days import Order
from tallystick.imports.reading.detecting import Format
from tallystick.imports.reading.numbers import Mark
from tallystick.v1.import_pb2 import ImportDateOrder, ImportDecimalMark, ImportFormat

FORMATS: dict[Format, ImportFormat.ValueType] = {
    Format.CSV: ImportFormat.IMPORT_FORMAT_CSV,
    Format.OFX: ImportFormat.IMPORT_FORMAT_OFX,
    Format.QIF: ImportFormat.IMPORT_FORMAT_QIF,
    Format.CAMT_053: ImportFormat.IMPORT_FORMAT_CAMT_053,
    Format.MT940: ImportFormat.IMPORT_FORMAT_MT940,
    Format.SPLITWISE: ImportFormat.IMPORT_FORMAT_SPLITWISE,
    Format.YNAB: ImportFormat.IMPORT_FORMAT_YNAB,
    Format.MINT: ImportFormat.IMPORT_FORMAT_MINT,
    Format.ACTUAL: ImportFormat.IMPORT_FORMAT_ACTUAL,
    Format.FIREFLY: ImportFormat.IMPORT_FORMAT_FIREFLY,
    Format.TALLYSTICK: ImportFormat.IMPORT_FORMAT_TALLYSTICK,
}
ORDERS: dict[Order, ImportDateOrder.ValueType] = {
    Order.DAY_MONTH_YEAR: ImportDateOrder.IMPORT_DATE_ORDER_DAY_MONTH_YEAR,
    Order.MONTH_DAY_YEAR: ImportDateOrder.IMPORT_DATE_ORDER_MONTH_DAY_YEAR,
    Order.YEAR_MONTH_DAY: ImportDateOrder.IMPORT_DATE_ORDER_YEAR_MONTH_DAY,
}
DECIMAL_MARKS: dict[Mark, ImportDecimalMark.ValueType] = {
    Mark.POINT: ImportDecimalMark.IMPORT_DECIMAL_MARK_POINT,
    Mark.COMMA: ImportDecimalMark.IMPORT_DECIMAL_MARK_COMMA,
}
ORDERS_BY_NUMBER = {number: order for order, number in ORDERS.items()}
MARKS_BY_NUMBER = {number: mark for mark, number in DECIMAL_MARKS.items()}
ORDER_NAMES = {order: ImportDateOrder.Name(number) for order, number in ORDERS.items()}
MARK_NAMES = {mark: ImportDecimalMark.Name(number) for mark, number in DECIMAL_MARKS.items()}
