"""What must a command on categories, payees or tags be answered, and what must be there after it?"""

from collections.abc import Sequence
from typing import Any

from model.drafts import touched
from model.judging import settled
from model.state import (
    Answer,
    Book,
    Command,
    Faults,
    Put,
    Refused,
    changed,
    differing,
    is_stale,
    require,
    require_new,
    sees,
)
from tallystick_client.v1 import ledger_categories_pb2 as categories
from tallystick_client.v1 import ledger_labels_pb2 as labels
from tallystick_client.v1 import ledger_pb2 as pb
from tallystick_client.v1 import ledger_service_pb2 as service
from tallystick_client.v1.ledger_templates_pb2 import Template

DEPTH_MAX = 10
_CHANGEABLE = ("name", "parent_id", "position", "icon", "color", "archived")


def create_category(book: Book, user: str, asked: service.CreateCategoryRequest, said: Any) -> Answer:
    no = Faults()
    no.when(not asked.name.strip(), "INVALID_FIELD")
    _judge_parent(book, asked.parent_id, asked.kind, "", no)
    require_new(book, asked.category_id, no)
    category = pb.Category(
        id=asked.category_id,
        book_id=book.id,
        name=asked.name.strip(),
        kind=asked.kind,
        parent_id=asked.parent_id,
        version=book.next_seq,
        position=asked.position,
        icon=asked.icon,
        color=asked.color,
    )
    return service.CreateCategoryResponse(category=category), [Put(category)]


def _judge_parent(book: Book, parent_id: str, kind: int, category_id: str, no: Faults) -> None:
    if not parent_id:
        return
    parent = book.find("", pb.Category, parent_id)
    if no.when(parent is None, "NOT_FOUND") or parent is None:
        return
    no.when(parent.kind != kind, "CATEGORY_KIND_MISMATCH")
    no.when(parent.archived, "CATEGORY_ARCHIVED")
    if not no.when(category_id in path_of(book, parent_id), "CATEGORY_CYCLE"):
        no.when(len(path_of(book, parent_id)) + height_of(book, category_id) > DEPTH_MAX, "INVALID_FIELD")


def path_of(book: Book, category_id: str) -> list[str]:
    """A category and all that it is part of."""
    path = []
    while category_id:
        path.append(category_id)
        category_id = book.live[category_id].parent_id
    return path


def height_of(book: Book, category_id: str) -> int:
    children = [each.id for each in book.everything(pb.Category) if each.parent_id == category_id and category_id]
    return 1 + max((height_of(book, child) for child in children), default=0)


def update_category(book: Book, user: str, asked: categories.UpdateCategoryRequest, said: Any) -> Answer:
    before = require(book.find(user, pb.Category, asked.category_id))
    names = touched(asked, asked.update_mask.paths, _CHANGEABLE)
    after = changed(book, before, **{name: getattr(asked, name) for name in names})
    after.name = after.name.strip()
    no = Faults()
    no.when(not after.name, "INVALID_FIELD")
    if after.parent_id != before.parent_id:
        _judge_parent(book, after.parent_id, after.kind, after.id, no)
    changing = differing(before, after)
    no.when(is_stale(book, user, asked, before.id, changing), "STALE_VERSION")
    no.stop()
    answer = categories.UpdateCategoryResponse(category=after if changing else before)
    return answer, [Put(after)] if changing else []


def _naming(book: Book, user: str, category_id: str) -> list[Any]:
    """What has a category and is no transaction. Of others' private templates nobody knows."""
    found: list[Any] = [each for each in book.everything(pb.Category) if each.parent_id == category_id]
    found += [each for each in book.everything(labels.Payee) if each.default_category_id == category_id]
    return found + [
        each
        for each in book.all(user, Template)
        if category_id in (each.draft.category_id, *(part.category_id for part in each.draft.splits))
    ]


def delete_category(book: Book, user: str, asked: categories.DeleteCategoryRequest, said: Any) -> Answer:
    category = require(book.find(user, pb.Category, asked.category_id))
    if any(line.category_id == category.id for line in book.lines()) or _naming(book, user, category.id):
        raise Refused(["IN_USE"])
    gone = changed(book, category)
    return categories.DeleteCategoryResponse(category=gone), [Put(gone, is_deleted=True)]


def restore_category(book: Book, user: str, asked: categories.RestoreCategoryRequest, said: Any) -> Answer:
    found = book.find(user, pb.Category, asked.category_id)
    if found is not None:
        return categories.RestoreCategoryResponse(category=found), []
    back = changed(book, require(book.find_gone(user, pb.Category, asked.category_id)))
    if back.parent_id not in book.live or len(path_of(book, back.parent_id)) >= DEPTH_MAX:
        back.parent_id = ""
    return categories.RestoreCategoryResponse(category=back), [Put(back)]


def merge_categories(book: Book, user: str, asked: categories.MergeCategoriesRequest, said: Any) -> Answer:
    source = require(book.find(user, pb.Category, asked.category_id))
    target = require(book.find(user, pb.Category, asked.into_category_id))
    no = Faults()
    no.when(source.kind != target.kind, "CATEGORY_KIND_MISMATCH")
    path = path_of(book, target.id)
    if not no.when(source.id in path, "CATEGORY_CYCLE"):
        no.when(len(path) + height_of(book, source.id) - 1 > DEPTH_MAX, "INVALID_FIELD")
    used = [
        each
        for each in book.everything(pb.Transaction)
        if any(entry.category_id == source.id for entry in each.entries)
    ]
    lines = [line for line in book.lines() if line.category_id == source.id]
    no.when(any(not sees(user, book.live[line.account_id]) for line in lines), "IN_USE")
    no.stop()
    puts = [
        Put(_with_category(changed(book, each), source.id, target.id))
        for each in [*used, *_naming(book, user, source.id)]
    ]
    settled(book, user, book.steps_of(puts))
    answer = categories.MergeCategoriesResponse(category=target, transactions_changed=len(used))
    return answer, [*puts, Put(changed(book, source), is_deleted=True)]


def _with_category(entity: Any, old_id: str, new_id: str) -> Any:
    places: Sequence[Any] = [entity]
    if isinstance(entity, pb.Transaction):
        places = entity.entries
    elif isinstance(entity, Template):
        places = [entity.draft, *entity.draft.splits]
    for place in places:
        for name in ("category_id", "parent_id", "default_category_id"):
            if getattr(place, name, "") == old_id:
                setattr(place, name, new_id)
    return entity


def create_payee(book: Book, user: str, asked: labels.CreatePayeeRequest, said: Any) -> Answer:
    no = Faults()
    no.when(not asked.name.strip(), "INVALID_FIELD")
    default = book.find(user, pb.Category, asked.default_category_id)
    no.when(asked.default_category_id and default is None, "NOT_FOUND")
    no.when(default and default.archived, "CATEGORY_ARCHIVED")
    require_new(book, asked.payee_id, no)
    payee = labels.Payee(
        id=asked.payee_id,
        book_id=book.id,
        name=asked.name.strip(),
        default_category_id=asked.default_category_id,
        version=book.next_seq,
    )
    return labels.CreatePayeeResponse(payee=payee), [Put(payee)]


def restore_payee(book: Book, user: str, asked: labels.RestorePayeeRequest, said: Any) -> Answer:
    answer, puts = _restore(labels.Payee, "payee_id", labels.RestorePayeeResponse, "payee")(book, user, asked, said)
    for put in puts:
        if put.entity.default_category_id not in book.live:
            put.entity.default_category_id = ""
            answer.payee.default_category_id = ""
    return answer, puts


def create_tag(book: Book, user: str, asked: labels.CreateTagRequest, said: Any) -> Answer:
    no = Faults()
    no.when(not asked.name.strip(), "INVALID_FIELD")
    require_new(book, asked.tag_id, no)
    tag = labels.Tag(
        id=asked.tag_id, book_id=book.id, name=asked.name.strip(), color=asked.color, version=book.next_seq
    )
    return labels.CreateTagResponse(tag=tag), [Put(tag)]


def _delete(kind: Any, id_field: str, response: Any, field: str) -> Command:
    def delete(book: Book, user: str, asked: Any, said: Any) -> Answer:
        gone = changed(book, require(book.find(user, kind, getattr(asked, id_field))))
        return response(**{field: gone}), [Put(gone, is_deleted=True)]

    return delete


def _restore(kind: Any, id_field: str, response: Any, field: str) -> Command:
    def restore(book: Book, user: str, asked: Any, said: Any) -> Answer:
        found = book.find(user, kind, getattr(asked, id_field))
        if found is not None:
            return response(**{field: found}), []
        back = changed(book, require(book.find_gone(user, kind, getattr(asked, id_field))))
        return response(**{field: back}), [Put(back)]

    return restore


_PAYEE = (labels.Payee, "payee_id")
_TAG = (labels.Tag, "tag_id")
COMMANDS: dict[str, Command] = {
    "CreateCategory": create_category,
    "UpdateCategory": update_category,
    "DeleteCategory": delete_category,
    "RestoreCategory": restore_category,
    "MergeCategories": merge_categories,
    "CreatePayee": create_payee,
    "DeletePayee": _delete(*_PAYEE, labels.DeletePayeeResponse, "payee"),
    "RestorePayee": restore_payee,
    "CreateTag": create_tag,
    "DeleteTag": _delete(*_TAG, labels.DeleteTagResponse, "tag"),
    "RestoreTag": _restore(*_TAG, labels.RestoreTagResponse, "tag"),
}
