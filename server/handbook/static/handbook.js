// The site works without this. With it there is a search, and the language of the examples is remembered from page to page.
"use strict";

const root = document.body.dataset.root;
const field = document.getElementById("search");
const found = document.getElementById("found");
const RESULTS_MAX = 12;
let loading;

field.hidden = false;

function load() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${root}search-index.js`;
    script.onload = () => resolve(window.handbookIndex);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

function rank([title, kind, , about], words) {
  const name = title.toLowerCase();
  const all = `${name} ${kind} ${about}`.toLowerCase();
  if (!words.every((word) => all.includes(word))) return 0;
  const whole = words.join(" ");
  if (name === whole) return 5;
  if (name.startsWith(whole)) return 4;
  return words.every((word) => name.includes(word)) ? 3 : 1;
}

function show(rows) {
  found.replaceChildren(
    ...rows.map(([title, kind, place]) => {
      const link = document.createElement("a");
      link.href = root + place;
      const name = document.createElement("b");
      name.textContent = title;
      const sort = document.createElement("span");
      sort.textContent = kind;
      link.append(name, sort);
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
  found.hidden = rows.length === 0;
}

async function search() {
  const words = field.value.toLowerCase().replaceAll("_", " ").split(/\s+/).filter(Boolean);
  if (words.length === 0) return show([]);
  const index = await load();
  const ranked = index.map((row) => [rank([row[0].replaceAll("_", " "), ...row.slice(1)], words), row]).filter(([score]) => score > 0);
  ranked.sort(([one, a], [two, b]) => two - one || a[0].length - b[0].length);
  show(ranked.slice(0, RESULTS_MAX).map(([, row]) => row));
}

function move(event, step) {
  const links = [field, ...found.querySelectorAll("a")];
  const next = links[links.indexOf(document.activeElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

field.addEventListener("focus", load, { once: true });
field.addEventListener("input", search);
field.parentElement.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") move(event, 1);
  if (event.key === "ArrowUp") move(event, -1);
  if (event.key === "Enter" && document.activeElement === field) found.querySelector("a")?.click();
  if (event.key === "Escape") {
    field.value = "";
    show([]);
    field.focus();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || document.activeElement?.matches("input, textarea")) return;
  event.preventDefault();
  field.focus();
});
document.addEventListener("click", (event) => {
  if (!field.parentElement.contains(event.target)) found.hidden = true;
});

// A browser may refuse to keep anything; then nothing is remembered.
function remembered() {
  try {
    return localStorage.getItem("handbook-tab");
  } catch {
    return null;
  }
}

const wanted = remembered();
for (const tab of document.querySelectorAll(".tabs input")) {
  if (tab.value === wanted) tab.checked = true;
  tab.addEventListener("change", () => {
    try {
      localStorage.setItem("handbook-tab", tab.value);
    } catch {
      // As above.
    }
  });
}

// Beside the text, where there is room, the contents stay open: newer browsers are told so by the sheet, older ones here.
const contents = document.querySelector("nav details");
const wide = matchMedia("(min-width: 60rem)");
const adapt = () => {
  if (wide.matches) contents.open = true;
};
adapt();
wide.addEventListener("change", adapt);
document.querySelector('nav [aria-current="page"]')?.scrollIntoView({ block: "nearest" });
