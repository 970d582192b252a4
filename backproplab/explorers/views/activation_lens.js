// Activation lens: a neuron's curve above its slope, and the gradients of w, b and x.

const TALL = 190, LOW = 130, EDGE = 58, GAP = 40;
const DASHES = [null, "7 4", "2 4"];
const SUBSCRIPTS = "₁₂₃";

// A plot of the given curves over z: scales, grid and curves; the rest is put on top.
function plot(trace, lists, ticks, top, high, wide, kind) {
  const all = [...lists.flat(), ...ticks], reach = trace.reach, many = lists.length > 1;
  const low = Math.min(...all), up = Math.max(...all, low + 1e-9), pad = 0.08 * (up - low);
  const x = (z) => EDGE + ((z + reach) / (2 * reach)) * (wide - EDGE - 10);
  const y = (a) => top + ((up + pad - a) / (up - low + 2 * pad)) * high;
  const zs = lists[0].map((_, i) => x(-reach + (2 * reach * i) / (lists[0].length - 1)));
  const path = (list) => list.map((a, i) => `${i ? "L" : "M"}${zs[i].toFixed(2)} ${y(a).toFixed(2)}`).join("");
  const label = (list, k) => svg("text", { x: x(-reach) + 6, y: y(list[0]) - 6, "text-anchor": "start", class: kind },
    `p${SUBSCRIPTS[k]}`);
  const element = svg("g", {},
    ticks.map((a) => svg("path", { d: `M${EDGE} ${y(a)}H${wide - 10}`, class: a === 0 ? "axis" : "grid" })),
    ticks.map((a) => svg("text", { x: EDGE - 6, y: y(a) + 4, "text-anchor": "end", class: "small" }, short(a))),
    lists.map((list, k) => svg("path", { d: path(list), class: `curve ${kind}`, "stroke-dasharray": DASHES[k] })),
    [-6, -4, -2, 0, 2, 4, 6].map((z) => svg("text", { x: x(z), y: top + high + 14, "text-anchor": "middle", class: "small" }, short(z))),
    many && kind === "forward" ? lists.map(label) : []);
  return { element, x, y };
}

const render = explorer((frame, first) => {
  let t = first, name = first.name, seen = [], said = {};
  const number = (x, kind) => html("span", { class: kind }, short(x, kind === "backward"));
  const factor = (x) => html("span", { class: "forward" }, parenthesised(short(x)));
  const pick = (key) => frame.ask({ name: key });
  const kinds = Object.keys(first.curves).map((key) => button(key, () => {
    if (frame.still) move({}, key);
    else pick(key);
  }, { "data-name": key }));
  const sliders = ["w", "b", "x"].map((key) => slider({ label: key, min: -first.limits[key], max: first.limits[key],
    step: frame.still ? 1 : 0.05, value: first.now[key], oninput: (value) => move({ [key]: value }) }));
  const asking = html("div"), outcome = html("p", { role: "status", class: "outcome" });
  const stage = scroller("Curves"), sums = html("div", { class: "sums" });
  const bars = html("div", { class: "gradients" });
  frame.root.append(html("div", { class: "bpl-row", role: "group", "aria-label": "Neuron" }, kinds), asking, outcome,
    html("div", { class: "flow" }, stage, html("div", { class: "side" },
      html("div", { class: "sliders" }, sliders.map((s) => s.element)), sums, bars)));

  // With Python any place; without, the whole-number places that came along.
  function move(changed, key = name) {
    if (!frame.still) {
      frame.ask(changed);
      return;
    }
    const { w, b, x } = { ...t.now, ...changed };
    const [i, j, k] = [w, b, x].map(Math.round), p = t.places, z = p.z[`${i},${j},${k}`];
    draw({ ...t, name: key, now: { ...p.at[key][z], w: i, b: j, x: k, dw: p.dw[key][z][k], dx: p.dx[key][z][i] } });
  }

  function ask() {
    const curve = t.curves[name];
    asking.replaceChildren(prediction({
      question: `Predict: ${curve.question}`,
      fields: [{ label: curve.label, value: curve.truth }],
      reveal: (answers) => {
        seen.push(name);
        const right = answers && answers[0].right;
        said[name] = { right, words: `${answers ? `You said ${answers[0].guess}. ` : ""}${right ? "Yes. " : ""}${
          curve.reveal || `It is steepest at z = ${short(curve.truth)}.`}` };
        asking.replaceChildren();
        draw();
        sliders[2].input.focus();
      },
    }));
  }

  let wide = 460;

  function picture(open) {
    const curve = t.curves[name], { now } = t, second = TALL + 2 * GAP;
    const a = plot(t, curve.a, curve.ticks[0], 12, TALL, wide, "forward");
    const s = open ? plot(t, curve.slope, curve.ticks[1], second, LOW, wide, "backward") : null;
    const bottom = second + LOW + 36, inside = (z) => a.x(Math.max(-t.reach, Math.min(t.reach, z)));
    const flat = open ? curve.flat.map(([from, to]) => svg("rect", { x: a.x(from), y: 8, class: "flat",
      width: Math.max(0, a.x(to) - a.x(from)), height: second + LOW - 4 })) : [];
    const [zs, as] = now.tangent;
    const marks = [svg("path", { d: `M${inside(now.z)} 8V${open ? second + LOW + 4 : TALL + 16}`, class: "here" }),
      open ? svg("path", { d: `M${a.x(zs[0])} ${a.y(as[0])}L${a.x(zs[1])} ${a.y(as[1])}`, class: "tangent" }) : null,
      now.a.map((v) => svg("circle", { cx: inside(now.z), cy: a.y(v), r: 5, class: "forward" })),
      open ? now.slope.map((v) => svg("circle", { cx: inside(now.z), cy: s.y(v), r: 5, class: "backward" })) : []];
    const many = now.a.length > 1;
    const titles = [svg("text", { x: EDGE, y: TALL + 46, class: "small" },
      many ? "p₁, p₂, p₃ over z = z₁; z₂ = 0, z₃ = −1" : "a = f(z) over z"),
    open ? svg("text", { x: EDGE, y: bottom, class: "small" },
      (many ? "their slopes ∂p/∂z₁" : "the slope f′(z)") + (curve.flat.length ? "; shaded: saturated" : ""))
      : svg("text", { x: (EDGE + wide - 10) / 2, y: second + LOW / 2 + 2, "text-anchor": "middle", class: "small" }, "the slope: predict first, or skip")];
    const cover = open ? null : svg("rect", { x: EDGE, y: second - 6, width: wide - EDGE - 10, height: LOW + 6, rx: 8, class: "cover" });
    stage.replaceChildren(svg("svg", { width: wide, height: bottom + 8, viewBox: `0 0 ${wide} ${bottom + 8}`, role: "img",
      "aria-label": `${name}: at z = ${short(now.z)} the value is ${now.a.map((v) => short(v)).join(", ")}` },
    flat, a.element, s ? s.element : cover, marks.flat().filter(Boolean), titles));
  }

  function rule() {
    const { now } = t, a = now.a[0], f = (x) => number(x, "forward"), g = (x) => number(x, "backward");
    const numbers = { sigmoid: [f(a), " · ", f(now.one_minus_a)], softmax: [f(a), " · ", f(now.one_minus_a)],
      tanh: ["1 − ", f(now.square)] }[name];
    return [`${t.curves[name].rule} = `, ...(numbers ? [...numbers, " = "] : []), g(now.slope[0])];
  }

  function words(open) {
    const { now } = t, f = (x) => number(x, "forward"), many = now.a.length > 1;
    const joined = now.a.flatMap((v, k) => [k ? ", " : "", f(v)]);
    sums.replaceChildren(
      html("p", {}, "z = w x + b = ", f(now.w), " · ", factor(now.x), " + ", factor(now.b), " = ", f(now.z)),
      html("p", {}, many ? "p = " : "a = f(z) = ", ...joined),
      html("p", {}, ...(open ? rule() : ["f′(z) = ?"])));
    const longest = Math.max(1, ...["dw", "db", "dx"].map((key) => Math.abs(now[key])));
    const row = (key, letters, other) => html("tr", {}, html("th", { scope: "row" }, letters),
      html("td", {}, ...(!open ? ["?"] : other === null ? [] : [number(now.db, "backward"), " · ", factor(other), " ="])),
      html("td", {}, open ? number(now[key], "backward") : ""),
      html("td", { class: "track" }, open ? html("span", { class: now[key] < 0 ? "negative" : "",
        style: `width:${(48 * Math.abs(now[key])) / longest}%;${now[key] < 0 ? "right" : "left"}:50%` }) : null));
    bars.replaceChildren(html("p", {}, html("b", {}, `Gradients of ${many ? "p₁" : "a"}`), " (with 1 coming from above)"),
      html("table", { class: "bars" }, row("dw", "dw = f′(z) · x", now.x), row("db", "db = f′(z)", null),
        row("dx", "dx = f′(z) · w", now.w)),
      html("p", { class: "faint" }, open && now.saturated ? "Saturated: hardly anything comes back, whatever x and w are." : "\u00a0"));
  }

  function draw(trace = t) {
    const switched = trace.name !== name || !asking.firstChild;
    t = trace;
    name = t.name;
    const open = seen.includes(name);
    if (!open && switched) ask();
    if (open) asking.replaceChildren();
    outcome.textContent = said[name] ? said[name].words : "";
    set(outcome, { class: `outcome ${said[name]?.right ? "bpl-right" : ""}`, hidden: !said[name] });
    kinds.forEach((b) => set(b, { "aria-pressed": String(b.dataset.name === name) }));
    ["w", "b", "x"].forEach((key, i) => {
      if (frame.still || document.activeElement !== sliders[i].input) sliders[i].change(t.now[key]);
    });
    picture(open);
    words(open);
  }
  draw();
  new ResizeObserver(() => { // JupyterLab shows a widget only after it was rendered
    const all = frame.root.clientWidth, room = Math.max(300, Math.min(all > 1000 ? 600 : 460, all));
    if (room === wide) return;
    wide = room;
    draw();
  }).observe(frame.root);
  return draw;
});
export default { render };
