// Cost and cache: what forward keeps and backward spends, and how many products that takes.

const STEP = 46, HILL = 190, LEFT = 12, BASE = 216;
const MODES = { cache: "keep them", recompute: "compute them again" };
const whole = (x) => x.toLocaleString("en-US");

const render = explorer((frame, first) => {
  let t = first, mode = "cache", at = 0, open = false, outcome = "";
  const run = () => t.runs[mode];
  const story = html("p", { class: "story", "aria-live": "polite" });
  const start = button("To the start", () => go(0)), before = button("Back", () => go(at - 1)), next = button("Next", () => go(at + 1), { class: "bpl-main" });
  const all = button("To the end", () => go(run().length - 1));
  const modes = Object.entries(MODES).map(([key, words]) => button(words, () => { mode = key; draw(); }, { "data-mode": key }));
  const stage = scroller("Memory, step by step"), counters = scroller("Counters");
  const prices = scroller("Prices");
  const said = html("p", { role: "status", class: "outcome", hidden: true });
  const hidden = t.most.cache;
  const question = prediction({
    question: `Layers of ${t.sizes.join(", ")} units. Predict: how many hidden values must forward keep for the way back?`,
    fields: [{ label: "values", value: hidden }],
    reveal: (answers) => {
      outcome = answers ? `You said ${answers[0].guess}. ${answers[0].right ? "Yes" : "It is"}: ${whole(hidden)}, one for each hidden unit.`
        : `${whole(hidden)}: one for each hidden unit.`;
      said.className = `outcome ${answers && answers[0].right ? "bpl-right" : ""}`;
      open = true;
      question.remove();
      go(1);
      next.focus();
    },
  });
  frame.root.append(question, said, html("div", { class: "bpl-row" }, start, before, next, all,
    html("span", { role: "group", "aria-label": "Hidden values", class: "bpl-row" }, html("span", {}, "hidden values:"), modes)),
  story, html("div", { class: "flow" }, stage, counters), prices);

  function go(stop) {
    at = Math.max(0, Math.min(run().length - 1, stop));
    draw();
    stage.scrollLeft = LEFT + at * STEP - stage.clientWidth / 2;
  }

  // One column per step: the layers in memory after it, one block each.
  function picture() {
    const steps = run(), tallest = Math.max(1, hidden);
    const wide = 2 * LEFT + steps.length * STEP;
    const columns = steps.map((step, k) => {
      let y = BASE;
      const x = LEFT + k * STEP;
      const blocks = step.kept.flatMap((layer) => {
        const high = Math.max(3, (HILL * t.sizes[layer]) / tallest);
        y -= high;
        return [svg("rect", { x: x + 3, y: y + 1, width: STEP - 6, height: high - 1, rx: 4 }),
          high > 15 ? svg("text", { x: x + STEP / 2, y: y + high / 2 + 5, "text-anchor": "middle", class: "layer" }, `A${layer}`) : null];
      });
      const arrow = step.phase === "start" ? "start" : step.phase === "forward" ? `→ ${step.layer}` : `← ${step.layer}`;
      return svg("g", { class: `step ${k > at ? "later" : ""} ${k === at ? "now" : ""}` },
        k === at ? svg("rect", { x, y: 6, width: STEP, height: BASE + 24, rx: 6, class: "mark" }) : null, blocks.filter(Boolean),
        svg("text", { x: x + STEP / 2, y: BASE + 18, "text-anchor": "middle", class: step.phase === "backward" ? "backward" : "forward" }, arrow));
    });
    stage.replaceChildren(svg("svg", { width: wide, height: BASE + 34, viewBox: `0 0 ${wide} ${BASE + 34}`, role: "img",
      "aria-label": `Hidden values in memory, step by step: ${steps.map((s) => s.numbers).join(", ")}` },
    svg("path", { d: `M${LEFT} ${BASE + 0.5}H${wide - LEFT}`, class: "base" }), columns));
  }

  function tell() {
    const step = run()[at], L = t.sizes.length - 1, { layer } = step;
    const names = step.kept.length ? step.kept.map((i) => `A${i}`).join(", ") : "nothing";
    if (step.phase === "start") return "Before the first step nothing is in memory but the input.";
    if (step.phase === "forward") {
      return `Forward, layer ${layer}: A${layer} = h(A${layer - 1} W${layer} + b${layer}). In memory: ${names}.`
        + (layer === L ? " The output goes into the loss." : "");
    }
    const again = mode === "recompute" && layer > 1 ? `Run forward again up to A${layer - 1}. Then ` : "";
    return `Backward, layer ${layer}: ${again}dW${layer} from A${layer - 1} and δ${layer}${
      layer > 1 ? `, then δ${layer - 1}; with that A${layer - 1} is spent` : ""}. In memory for it: ${names}.`;
  }

  function count() {
    const row = (key) => {
      const step = t.runs[key][at], last = t.runs[key].at(-1);
      return html("tr", { class: key === mode ? "lit" : "" }, html("th", { scope: "row" }, MODES[key]),
        ...[step.numbers, step.products, t.most[key], last.products].map((x) => html("td", {}, whole(x))));
    };
    const head = (words) => html("th", { scope: "col" }, words);
    counters.replaceChildren(html("table", { class: "matrix" },
      html("thead", {}, html("tr", {}, head("hidden values"), head("kept now"), head("products so far"), head("kept at most"), head("products in all"))),
      html("tbody", {}, row("cache"), row("recompute"))),
    html("p", {}, run()[at].says || "\u00a0"));
  }

  function price() {
    const longest = Math.log10(Math.max(...t.prices.map(([, n]) => n)) + 1);
    prices.replaceChildren(html("p", {}, html("b", {}, "Products for all gradients of one example"), ` (${whole(t.weights)} weights; bars on a logarithmic scale)`),
      html("table", { class: "bars" }, t.prices.map(([words, n]) => html("tr", {}, html("td", {}, words), html("td", {}, whole(n)),
        html("td", { class: "price" }, html("span", { class: words.startsWith("forward") ? "first" : "", style: `width:${(100 * Math.log10(n + 1)) / longest}%` }))))));
  }

  function draw(trace = t) {
    t = trace;
    said.textContent = outcome;
    said.hidden = !outcome;
    start.disabled = before.disabled = !open || at === 0;
    next.disabled = all.disabled = !open || at === run().length - 1;
    modes.forEach((b) => set(b, { "aria-pressed": String(b.dataset.mode === mode) }));
    story.textContent = tell();
    stage.hidden = counters.hidden = !open;
    prices.hidden = !open || at < run().length - 1;
    picture();
    count();
    price();
  }
  draw();
  return draw;
});
export default { render };
