"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const cases = all("details.case").map((element) => ({
    element,
    verdict: element.dataset.verdict,
    level: element.dataset.level,
    group: element.dataset.group,
    target: element.dataset.target,
    tags: JSON.parse(element.dataset.tags),
  }));
  const rows = all("table.matrix tbody tr").map((row) => ({
    row,
    ids: all("a", row).map((link) => link.getAttribute("href").slice(1)),
  }));
  const selects = { level: one("#level"), tag: one("#tag"), group: one("#group"), target: one("#target") };
  const search = one("#search");
  const broken = one("#broken");
  const chips = all("input[name=verdict]");
  const values = (found, name) => (name === "tag" ? found.tags : [found[name]]);
  const textOf = (found) => (found.text ??= found.element.textContent.toLowerCase());

  // what each filter lets through; a count beside an option applies all filters but its own
  const filters = () => {
    const verdicts = chips.filter((chip) => chip.checked).map((chip) => chip.value);
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const tests = {
      verdict: (found) => verdicts.length === 0 || verdicts.includes(found.verdict),
      broken: (found) => !broken.checked || found.verdict !== "pass",
      words: (found) => words.every((word) => textOf(found).includes(word)),
    };
    for (const [name, select] of Object.entries(selects)) {
      const wanted = select?.value ?? "";
      tests[name] = (found) => wanted === "" || values(found, name).includes(wanted);
    }
    return tests;
  };
  const passing = (tests, except) =>
    cases.filter((found) => Object.entries(tests).every(([name, test]) => name === except || test(found)));
  const count = (among, name, value) => among.filter((found) => values(found, name).includes(value)).length;

  const show = () => {
    const tests = filters();
    const shown = new Set(passing(tests));
    const shownIds = new Set([...shown].map((found) => found.element.id));
    for (const found of cases) found.element.hidden = !shown.has(found);
    for (const section of all(".group")) {
      const members = all("details.case", section);
      const visible = members.filter((element) => !element.hidden).length;
      section.hidden = visible === 0;
      section.querySelector(".count").textContent = visible === members.length ? `${visible}` : `${visible} of ${members.length}`;
    }
    // a row of the matrix stays as long as one of the cases that it leads to is shown
    for (const { row, ids } of rows) row.hidden = !ids.some((id) => shownIds.has(id));
    const forVerdict = passing(tests, "verdict");
    for (const chip of chips) chip.parentElement.querySelector("output").textContent = count(forVerdict, "verdict", chip.value);
    for (const [name, select] of Object.entries(selects)) {
      if (!select) continue;
      const among = passing(tests, name);
      for (const option of select.options)
        if (option.value !== "") option.textContent = `${option.dataset.name} (${count(among, name, option.value)})`;
    }
    one("#broken-count").textContent = passing(tests, "broken").filter((found) => found.verdict !== "pass").length;
    one("#shown").textContent = `${shown.size} of ${cases.length} cases shown`;
    one("#none").hidden = shown.size !== 0;
  };

  const state = () => {
    const parts = new URLSearchParams();
    for (const chip of chips) if (chip.checked) parts.append("verdict", chip.value);
    for (const [name, select] of Object.entries(selects)) if (select?.value) parts.set(name, select.value);
    if (search.value) parts.set("q", search.value);
    if (broken.checked) parts.set("broken", "1");
    return parts.toString();
  };
  const changed = () => {
    show();
    history.replaceState(null, "", `#${state()}`);
  };
  const restore = () => {
    const fragment = location.hash.slice(1);
    if (fragment.startsWith("case=")) {
      reveal(fragment);
      return;
    }
    const parts = new URLSearchParams(fragment);
    for (const chip of chips) chip.checked = parts.getAll("verdict").includes(chip.value);
    for (const [name, select] of Object.entries(selects)) {
      if (!select) continue;
      select.value = parts.get(name) ?? "";
      if (select.selectedIndex < 0) select.value = "";
    }
    search.value = parts.get("q") ?? "";
    broken.checked = parts.has("broken");
    show();
  };
  // a link to a case shows it even where a filter would hide it
  const reveal = (fragment) => {
    let id = fragment;
    try {
      id = decodeURIComponent(fragment);
    } catch {}
    const element = document.getElementById(id);
    show();
    if (!element) return;
    if (element.hidden) {
      clear();
      show();
    }
    element.open = true;
    element.scrollIntoView({ block: "start" });
    element.querySelector("summary").focus({ preventScroll: true });
  };
  const clear = () => {
    for (const chip of chips) chip.checked = false;
    for (const select of Object.values(selects)) if (select) select.value = "";
    search.value = "";
    broken.checked = false;
  };

  const copy = async (button) => {
    const code = button.parentElement.querySelector("code");
    let done = false;
    try {
      await navigator.clipboard.writeText(code.textContent);
      done = true;
    } catch {
      // no permission, or no secure origin: the older way needs a selection, which also helps when it fails too
      getSelection().selectAllChildren(code);
      done = document.execCommand("copy");
    }
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    one("#said").textContent = done ? "The command was copied." : "The command is selected.";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  };

  for (const control of [...chips, ...Object.values(selects).filter(Boolean), broken]) control.addEventListener("change", changed);
  search.addEventListener("input", changed);
  one("#reset").addEventListener("click", () => {
    clear();
    changed();
    search.focus();
  });
  one("#expand").addEventListener("click", () => cases.forEach(({ element }) => (element.open = element.open || !element.hidden)));
  one("#collapse").addEventListener("click", () => cases.forEach(({ element }) => (element.open = false)));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.do-copy");
    if (button) copy(button);
  });
  addEventListener("hashchange", restore);
  one("#filters").hidden = false;
  restore();
})();
