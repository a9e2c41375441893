// Checks of a report that are evaluated in it: what WCAG 2.2 asks for and a program can tell.
"use strict";

function parseColour(text) {
  const numbers = text.match(/[\d.]+/g).map(Number);
  return { red: numbers[0], green: numbers[1], blue: numbers[2], alpha: numbers[3] ?? 1 };
}

function luminance({ red, green, blue }) {
  const [r, g, b] = [red, green, blue].map(value => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

// The first opaque background around an element, else the canvas's.
function background(element) {
  for (let at = element; at; at = at.parentElement) {
    const colour = parseColour(getComputedStyle(at).backgroundColor);
    if (colour.alpha === 1) return colour;
    if (colour.alpha > 0) throw new Error("a background that is half transparent");
  }
  return parseColour("rgb(255, 255, 255)");
}

function isVisible(element) {
  return element.checkVisibility({ visibilityProperty: true });
}

function describe(element) {
  return `<${element.tagName.toLowerCase()}> ${element.textContent.trim().slice(0, 40)}`;
}

// The name a control or a region has by its label, its labelling element or its content.
function nameOf(element) {
  const ids = element.getAttribute("aria-labelledby");
  if (ids) {
    return ids.split(" ").map(id => document.getElementById(id)?.textContent ?? "").join(" ").trim();
  }
  return (element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent
    ?? element.textContent).trim();
}

function checkContrast(problems) {
  let checked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !isVisible(element)) continue;
    if (["SCRIPT", "STYLE"].includes(element.tagName) || element.closest("svg")) continue;
    const style = getComputedStyle(element);
    const ratio = contrast(parseColour(style.color), background(element));
    checked += 1;
    if (ratio < 4.5) problems.push(`contrast ${ratio.toFixed(2)}: ${describe(element)}`);
  }
  // Drawings: parts of a chart against what is behind them, 3 at least.
  for (const shape of document.querySelectorAll("svg rect")) {
    const ratio = contrast(parseColour(getComputedStyle(shape).fill), background(shape.closest("svg")));
    checked += 1;
    if (ratio < 3) problems.push(`contrast ${ratio.toFixed(2)} of a drawing: ${shape.outerHTML}`);
  }
  return checked;
}

function checkHeadings(problems) {
  const levels = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")];
  if (levels.filter(one => one.tagName === "H1").length !== 1) problems.push("not one h1");
  let last = 0;
  for (const heading of levels) {
    const level = Number(heading.tagName[1]);
    if (level > last + 1) problems.push(`heading level skipped: ${describe(heading)}`);
    if (!heading.textContent.trim()) problems.push("an empty heading");
    last = level;
  }
  return levels.length;
}

function checkNames(problems) {
  const named = document.querySelectorAll(
    "a,button,input,nav,section,svg[role=img],[role=region],summary");
  for (const element of named) {
    if (!nameOf(element)) problems.push(`no name: ${element.outerHTML.slice(0, 80)}`);
  }
  for (const svg of document.querySelectorAll("svg")) {
    const isHidden = svg.closest("[aria-hidden=true]");
    if (!isHidden && svg.getAttribute("role") !== "img") problems.push("a drawing without a role");
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption?.textContent.trim()) problems.push(`no caption: ${table.id}`);
    for (const row of table.tBodies[0].rows) {
      if (row.cells[0].tagName !== "TH" || row.cells[0].scope !== "row") {
        problems.push(`a row without a head: ${table.id}`);
      }
    }
  }
  return named.length;
}

function checkDocument(problems) {
  if (!document.documentElement.lang) problems.push("no language");
  if (!document.title.trim()) problems.push("no title");
  const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
  for (const id of ids) {
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`an id twice: ${id}`);
  }
  for (const element of document.querySelectorAll("[aria-labelledby],[for]")) {
    const wanted = (element.getAttribute("aria-labelledby") ?? element.getAttribute("for")).split(" ");
    for (const id of wanted) if (!ids.includes(id)) problems.push(`no element ${id}`);
  }
  for (const link of document.querySelectorAll("a[href^='#']")) {
    if (!ids.includes(link.hash.slice(1))) problems.push(`a link to nowhere: ${link.hash}`);
  }
  for (const mark of ["header", "main", "nav", "footer"]) {
    if (document.querySelectorAll(`body > ${mark}`).length !== 1) problems.push(`not one ${mark}`);
  }
  // Only a table may be wider than the window, and then it scrolls by itself, by keyboard too.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) problems.push("the page scrolls sideways");
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.tabIndex !== 0) problems.push("a scrolling box the keyboard does not reach");
  }
  return ids.length;
}

function checkTargets(problems) {
  const targets = [...document.querySelectorAll("a,button,input,summary")].filter(isVisible)
    .filter(element => !element.classList.contains("skip"));
  for (const target of targets) {
    const { width, height } = target.getBoundingClientRect();
    // WCAG 2.2, 2.5.8: 24 by 24 pixels; words in a head of a table are wide rather than high.
    if (width * height < 24 * 16) problems.push(`a small target: ${describe(target)}`);
  }
  return targets.length;
}

function checkPage() {
  const problems = [];
  // What is closed is checked as well.
  const closed = [...document.querySelectorAll("details:not([open])")];
  for (const details of closed) details.open = true;
  const checked = {
    contrast: checkContrast(problems), headings: checkHeadings(problems),
    names: checkNames(problems), ids: checkDocument(problems), targets: checkTargets(problems),
    images: document.images.length, scripts: document.scripts.length,
  };
  for (const details of closed) details.open = false;
  return { problems, checked };
}

// Sorts and filters as a person would.
function usePage() {
  const problems = [];
  let sorted = 0;
  for (const button of document.querySelectorAll("thead button")) {
    const head = button.closest("th");
    const rows = [...head.closest("table").tBodies[0].rows];
    const values = () => [...head.closest("table").tBodies[0].rows]
      .map(row => row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent);
    button.click();
    const up = values();
    button.click();
    const down = values();
    if (JSON.stringify(up.toReversed().map(String).toSorted()) !== JSON.stringify(down.toSorted())) {
      problems.push(`sorting loses rows: ${describe(head)}`);
    }
    if (head.classList.contains("number")) {
      const numbers = up.filter(text => text !== "").map(Number);
      const isInOrder = numbers.every((value, index) => index === 0 || numbers[index - 1] >= value);
      if (!isInOrder) problems.push(`not in order: ${describe(head)} ${up}`);
      if (head.getAttribute("aria-sort") !== "ascending") problems.push("no aria-sort");
    }
    if (rows.length > 1) sorted += 1;
  }
  let filtered = 0;
  for (const field of document.querySelectorAll("input[type=search]")) {
    const table = document.getElementById(field.id.replace("-filter", ""));
    const wanted = table.tBodies[0].rows[0].cells[0].textContent;
    field.value = wanted;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    const shown = [...table.tBodies[0].rows].filter(isVisible);
    if (!shown.length || shown.length === table.tBodies[0].rows.length) {
      problems.push(`the filter shows ${shown.length} rows: ${field.id}`);
    }
    if (shown.some(row => !row.textContent.includes(wanted))) problems.push("the filter shows others");
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    filtered += 1;
  }
  return { problems, sorted, filtered };
}
