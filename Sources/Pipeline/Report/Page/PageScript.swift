/// The report's script: buttons that sort tables, fields that filter long ones, details open on paper.
///
/// Without it the page is whole. It makes text nodes only, never markup, out of what the page holds.
enum PageScript {
  static let source: StaticString = """
    "use strict";
    const make = (name, text) => {
      const element = document.createElement(name);
      if (text) element.textContent = text;
      return element;
    };
    const value = cell => cell.dataset.value ?? cell.textContent;
    const compare = (left, right) => {
      const [a, b] = [Number(left), Number(right)];
      return left !== "" && right !== "" && !isNaN(a) && !isNaN(b) ? a - b : left.localeCompare(right);
    };
    for (const table of document.querySelectorAll("table")) {
      const body = table.tBodies[0];
      const heads = [...table.tHead.rows[0].cells];
      heads.forEach((head, column) => {
        if (head.tagName !== "TH" || body.rows.length < 2) return;
        const button = make("button", head.textContent);
        button.type = "button";
        head.replaceChildren(button);
        button.addEventListener("click", () => {
          const isFirst = !head.hasAttribute("aria-sort");
          const goesUp = isFirst
            ? !head.classList.contains("number") : head.getAttribute("aria-sort") === "descending";
          for (const other of heads) other.removeAttribute("aria-sort");
          head.setAttribute("aria-sort", goesUp ? "ascending" : "descending");
          const rows = [...body.rows].sort((left, right) =>
            compare(value(left.cells[column]), value(right.cells[column])) * (goesUp ? 1 : -1));
          body.append(...rows);
        });
      });
      if (!("filter" in table.dataset)) continue;
      const label = make("label", "Filter");
      label.className = "filter";
      const field = make("input");
      field.type = "search";
      label.setAttribute("for", field.id = table.id + "-filter");
      const status = make("span");
      status.setAttribute("role", "status");
      label.append(field, status);
      table.parentElement.before(label);
      field.addEventListener("input", () => {
        const wanted = field.value.trim().toLowerCase();
        let shown = 0;
        for (const row of body.rows) {
          row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
          if (!row.hidden) shown += 1;
        }
        status.textContent = wanted === "" ? "" : shown + " of " + body.rows.length;
      });
    }
    addEventListener("beforeprint", () => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    """
}
