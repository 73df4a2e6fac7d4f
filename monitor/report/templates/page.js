"use strict";
(() => {
  const table = document.getElementById("_overview"), tools = document.getElementById("_tools");
  if (!table || !tools) return;
  const body = table.tBodies[0], rows = [...body.rows];
  const cards = new Map(rows.map(row => [row, document.getElementById(row.dataset.id)]));
  const words = tools.dataset;
  const make = (name, more, ...inside) => {
    const made = Object.assign(document.createElement(name), more);
    made.append(...inside);
    return made;
  };

  const search = make("input", { type: "search", autocomplete: "off" });
  tools.append(make("label", {}, words.search + " ", search));
  const boxes = [...new Set(rows.map(row => row.dataset.verdict))].map(verdict => {
    const box = make("input", { type: "checkbox", name: "verdict", value: verdict, checked: true });
    tools.append(make("label", {}, box, " " + rows.find(row => row.dataset.verdict === verdict).dataset.word));
    return box;
  });
  const all = make("button", { type: "button", textContent: words.open });
  const shown = make("span", { id: "_shown" });
  shown.setAttribute("role", "status");
  tools.append(all, shown);

  const filter = () => {
    const text = search.value.trim().toLocaleLowerCase();
    const wanted = new Set(boxes.filter(box => box.checked).map(box => box.value));
    let count = 0;
    for (const row of rows) {
      const seen = wanted.has(row.dataset.verdict) && row.dataset.name.toLocaleLowerCase().includes(text);
      row.hidden = !seen;
      if (cards.get(row)) cards.get(row).hidden = !seen;
      count += seen;
    }
    shown.textContent = words.shown.replace("{n}", count).replace("{all}", rows.length);
  };
  search.addEventListener("input", filter);
  boxes.forEach(box => box.addEventListener("change", filter));
  filter();

  let opened = false;
  all.addEventListener("click", () => {
    opened = !opened;
    document.querySelectorAll("main details").forEach(one => { one.open = opened; });
    all.textContent = opened ? words.close : words.open;
  });

  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
  for (const head of table.querySelectorAll("th[data-sort]")) {
    const key = head.dataset.sort;
    const button = make("button", { type: "button" }, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("th[aria-sort]").forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const compare = key === "name" ? order.compare : (one, other) => one - other;
      rows.sort((one, other) => (down ? -1 : 1) * compare(one.dataset[key], other.dataset[key]));
      body.append(...rows);
    });
  }
  tools.hidden = false;
})();
