// What the theme, MathJax and the bibliography leave out for keyboards and screen readers.
"use strict";

window.addEventListener("load", async () => {
  for (const summary of document.querySelectorAll("li.has-children summary")) {
    const page = summary.closest("li").querySelector("a").textContent.trim();
    summary.setAttribute("aria-label", `Pages of ${page}`);
  }
  for (const list of document.querySelectorAll(".citation-list")) {
    list.removeAttribute("role"); // its entries are no list items
  }
  keepInReach();
  window.addEventListener("resize", keepInReach);
  await window.MathJax?.startup?.promise; // formulas are set
  for (const formula of document.querySelectorAll('mjx-container[display="true"]')) {
    formula.tabIndex = 0; // a wide one is scrolled by its arrow keys
  }
});

function keepInReach() {
  // A table wider than the column is scrolled by its arrow keys.
  for (const output of document.querySelectorAll(".cell_output .output")) {
    output.removeAttribute("tabindex");
    if (output.scrollWidth > output.clientWidth) output.tabIndex = 0;
  }
}
