"use strict";
// Tables sort and filter, and long ones begin with their first rows. Plain script, since no package
// of this kind is small and brings its script along: the nearest, itables, needs pandas and jQuery.
const MANY = 15;
const FEW = 10;
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

for (const table of document.querySelectorAll("table.data")) enhance(table);

function enhance(table) {
  const rows = [...table.tBodies[0].rows];
  const frame = table.parentElement;
  const title = document.getElementById(frame.getAttribute("aria-labelledby")).textContent;
  let isLimited = rows.length > MANY;
  let query = "";

  const found = element("output");
  const all = element("button", { type: "button", className: "all" });
  all.textContent = `Show all ${rows.length} rows`;
  all.addEventListener("click", () => { isLimited = false; show(); frame.focus(); });
  if (rows.length > MANY / 2) {
    const input = element("input", { type: "search", autocomplete: "off" });
    const label = element("label");
    label.append("Filter", input);
    input.setAttribute("aria-label", `Filter ${title}`);
    input.addEventListener("input", () => { query = input.value.trim().toLowerCase(); show(); });
    const controls = element("div", { className: "controls" });
    controls.append(label, found);
    frame.before(controls);
  }
  frame.after(all);
  if (rows.length > 1) [...table.tHead.rows[0].cells].forEach(sortable);
  show();

  function show() {
    const words = query.split(/\s+/);
    let matches = 0;
    for (const row of table.tBodies[0].rows) {
      const text = query && row.textContent.toLowerCase();
      const isMatch = !query || words.every((word) => text.includes(word));
      matches += isMatch;
      row.hidden = !isMatch || (isLimited && !query && matches > FEW);
    }
    all.hidden = !isLimited || query !== "";
    found.textContent = query ? `${matches} of ${rows.length}` : "";
  }

  function sortable(heading, place) {
    const button = element("button", { type: "button" });
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const isNumber = heading.dataset.kind === "number";
      const before = heading.getAttribute("aria-sort");
      const isUp = before ? before === "descending" : !isNumber;
      for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", isUp ? "ascending" : "descending");
      rows.sort((one, two) => compare(key(one), key(two), isNumber, isUp ? 1 : -1));
      table.tBodies[0].append(...rows);
      show();
    });

    function key(row) {
      const cell = row.cells[place];
      return cell.dataset.sort ?? cell.textContent.trim();
    }
  }
}

// What is empty comes last, in either direction.
function compare(one, two, isNumber, sign) {
  if (one === "" || two === "") return (one === "") - (two === "");
  return sign * (isNumber ? one - two : collator.compare(one, two));
}

function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

// Paper has all that is folded in.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => { for (const details of folded) details.open = false; });
