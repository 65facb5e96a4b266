/**
 * What changes on the screen when two categories become one? Whatever has the one gets the other.
 *
 * What stands on accounts that the user does not see is for the server to know: it refuses to merge a category that is in use there.
 */

import { BudgetItemSchema } from "../gen/tallystick/v1/budget_items_pb.js";
import type { MergeCategoriesRequest } from "../gen/tallystick/v1/ledger_categories_pb.js";
import { GroupLinkState } from "../gen/tallystick/v1/ledger_links_pb.js";
import type { Category } from "../gen/tallystick/v1/ledger_pb.js";
import { copyOf, type Kinds, schemaOf } from "./entities.js";
import { Inapplicable, type View } from "./view.js";

const DEPTH_MAX = 10;

/** What holds the id of a category, and in which field. */
type Place = readonly [holder: object | undefined, field: string];

/** Where each kind of entity has categories. */
const PLACES = {
  transaction: ({ entries }: Kinds["transaction"]): Place[] => entries.map((entry) => [entry, "categoryId"]),
  template: ({ draft }: Kinds["template"]): Place[] =>
    [draft, ...(draft?.splits ?? [])].map((holder) => [holder, "categoryId"]),
  rule: ({ then }: Kinds["rule"]): Place[] => [[then, "categoryId"]],
  payee: (payee: Kinds["payee"]): Place[] => [[payee, "defaultCategoryId"]],
  category: (category: Kinds["category"]): Place[] => [[category, "parentId"]],
  // One that is not followed gives nothing a category.
  groupLink: (link: Kinds["groupLink"]): Place[] =>
    link.state === GroupLinkState.ACTIVE
      ? [[link, "defaultCategoryId"], ...link.categories.map((each): Place => [each, "categoryId"])]
      : [],
};

export function mergeCategories(view: View, { categoryId, intoCategoryId }: MergeCategoriesRequest): void {
  const source = view.require("category", categoryId);
  const target = view.require("category", intoCategoryId);
  requireMerge(view, source, target);
  for (const kind of Object.keys(PLACES) as (keyof typeof PLACES)[]) {
    mergeIn(view, kind, source.id, target.id);
  }
  mergeInItems(view, source.id, target.id);
  view.put("category", source, true);
}

function mergeIn<K extends keyof typeof PLACES>(view: View, kind: K, sourceId: string, targetId: string): void {
  const placesOf = PLACES[kind] as (entity: Kinds[K]) => Place[];
  const named = (entity: Kinds[K]) => placesOf(entity).filter(([holder, field]) => fieldsOf(holder)[field] === sourceId);
  for (const entity of view.all(kind).values()) {
    if (named(entity).length > 0) {
      const after = copyOf<Kinds[K]>(schemaOf(kind), entity);
      named(after).forEach(([holder, field]) => (fieldsOf(holder)[field] = targetId));
      view.put(kind, after);
    }
  }
}

/** One that names both counts the same entries as before, once. */
function mergeInItems(view: View, sourceId: string, targetId: string): void {
  for (const item of view.all("budgetItem").values()) {
    if (item.categoryIds.includes(sourceId)) {
      const after = copyOf(BudgetItemSchema, item);
      after.categoryIds = [...new Set(item.categoryIds.map((id) => (id === sourceId ? targetId : id)))].sort();
      view.put("budgetItem", after);
    }
  }
}

function fieldsOf(holder: object | undefined): Record<string, unknown> {
  return (holder ?? {}) as Record<string, unknown>;
}

/** All that is below the source must have a place below the target. */
function requireMerge(view: View, source: Category, target: Category): void {
  const path = pathOf(view, target);
  if (source.kind !== target.kind || path.includes(source.id)) {
    throw new Inapplicable("a category becomes another one of its kind, which is not below it");
  }
  if (path.length + heightOf(view, source.id) - 1 > DEPTH_MAX) {
    throw new Inapplicable("that is too deep");
  }
}

/** A category, its parent, and so on to the top. */
function pathOf(view: View, category: Category): string[] {
  const all = view.all("category");
  const path = [category.id];
  for (let parentId = category.parentId; all.has(parentId) && !path.includes(parentId); ) {
    path.push(parentId);
    parentId = all.get(parentId)?.parentId ?? "";
  }
  return path;
}

/** How many levels a category and all that is below it take. */
function heightOf(view: View, categoryId: string): number {
  const all = [...view.all("category").values()];
  let levels = 0;
  for (let level = [categoryId]; level.length > 0 && levels <= all.length; levels++) {
    level = all.filter(({ parentId }) => level.includes(parentId)).map(({ id }) => id);
  }
  return levels;
}
