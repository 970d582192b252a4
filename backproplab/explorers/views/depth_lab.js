// Values and error signals of a deep network, layer by layer; which layer learns least?

const SAYS = { A: "values A", dZ: "error signals δ = dZ", dW: "gradients dW of the weights" };
const SHAPES = { A: "circle", dZ: "diamond", dW: "square" };

const render = explorer(({ root, say, ask, still }, first) => {
  let trace = first, shown = false, guess = null, width = 0;
  const question = html("p", { class: "bpl-question" });
  const answer = html("select", { "aria-label": "your prediction" });
  const predict = html("div", { class: "bpl-row" }, answer,
    button("Check", () => reveal(Number(answer.value)), { class: "bpl-main" }), button("Skip", () => reveal(null)));
  const told = html("p", { class: "bpl-told", role: "status", hidden: true });
  const forward = svg("svg", { role: "img", "aria-label": "values by layer" });
  const backward = svg("svg", { role: "img", "aria-label": "error signals by layer" });
  const again = button("Hide and predict again", () => { shown = false; guess = null; draw(trace); answer.focus(); });

  const scales = Array.from({ length: 41 }, (_, i) => Number((2 ** ((i - 20) / 5)).toPrecision(3)));
  const nearest = (scale) => scales.reduce((best, one, i) => Math.abs(Math.log(one / scale)) < Math.abs(Math.log(scales[best] / scale)) ? i : best, 0);
  const depth = slider({ label: "hidden layers", min: 1, max: trace.most, step: 1, value: trace.depth, show: String, oninput: (k) => ask({ depth: k }) });
  const scale = slider({ label: "weights times", min: 0, max: scales.length - 1, step: 1, value: nearest(trace.scale),
    show: (i) => short(scales[i]), oninput: (i) => ask({ scale: scales[i] }) });
  scale.input.setAttribute("aria-label", "scale of the weights");
  // Without Python: the choices whose answers came along.
  const names = (which) => (still ? [...new Set(Object.keys(trace.presets ?? {}).map((key) => key.split(" ")[which]))]
    : trace.choices[["activation", "scheme"][which]]).map((name) => [name, name]);
  const choose = (change) => {
    if (!still) return ask(change);
    const { activation: f, scheme: start } = { ...trace, ...change };
    return arrive({ ...first.presets[`${f} ${start}`], presets: first.presets });
  };
  const activation = choice({ label: "activation", value: trace.activation, choices: names(0), onchange: (name) => choose({ activation: name }) });
  const scheme = select({ label: "start", value: trace.scheme, choices: names(1), onchange: (name) => choose({ scheme: name }) });
  const widths = select({ label: "units in a layer", value: String(trace.width), choices: [4, 16, 32, 64, 128].map((n) => [String(n), String(n)]),
    onchange: (n) => ask({ width: Number(n) }) });
  const keys = html("div", { class: "lab-key" }, Object.entries(SAYS).map(([name, words]) => html("span", { class: `key-${name}` },
    svg("svg", { width: 34, height: 12, viewBox: "0 0 34 12", "aria-hidden": "true" },
      svg("path", { class: `lab-line lab-${name}`, d: "M1 6H33" }), mark(SHAPES[name], 17, 6, { class: `lab-${name}` })), words)));
  const row = (...parts) => html("div", { class: "bpl-row" }, parts.filter(Boolean));
  const last = html("p", { class: "lab-more" }, "In the notebook you can change depth, width and weights, and bring your own network.");
  const live = [row(activation.element), ...(trace.own ? [] : [row(scheme.element, widths.element), row(depth.element)]), row(scale.element), row(again)];
  const page = [...(trace.presets ? [row(activation.element), row(scheme.element)] : []), row(again), last];
  const controls = html("div", { class: "lab-controls" }, still ? page : live);
  root.append(question, predict, told, html("div", { class: "bpl-columns" },
    html("div", { class: "lab-charts" }, keys, forward, backward), controls));

  function reveal(layer) {
    guess = layer;
    shown = true;
    draw(trace);
    again.focus({ preventScroll: true });
  }

  const where = (layer) => layer ? `layer ${layer}` : "all alike";

  function tell() {
    const mine = guess === null ? "" : guess === trace.least ? "As you said. " : `You said: ${where(guess)}. `;
    told.textContent = mine + trace.sentences.join(" ");
    set(told, { hidden: !shown });
  }

  // A closed shape around the place of a layer, as wide as its bins are full.
  function violin(axes, layer, bins, name) {
    const at = (k) => axes.y0 + (axes.y1 - axes.y0) * Math.min(Math.max(k / bins.length, 0), 1);
    const ends = [[0, bins[0]], ...bins.map((share, k) => [k + 0.5, share]), [bins.length, bins.at(-1)]];
    const side = (sign) => ends.map(([k, share]) => [axes.sx(layer + sign * 0.43 * share), at(k)]);
    return svg("path", { class: `lab-spread lab-${name}`, d: `${through([...side(1), ...side(-1).reverse()])}Z` });
  }

  function curve(picture, axes, name, norms) {
    const places = norms.map((norm, i) => [axes.sx(i + 1), axes.sy(norm)]);
    picture.append(svg("path", { class: `lab-line lab-${name}`, d: through(places) }),
      ...places.filter(([, y]) => Number.isFinite(y)).map(([x, y]) => mark(SHAPES[name], x, y, { class: `lab-${name}` })));
    return places;
  }

  function chart(picture, axis, height, label, bottom) {
    const L = trace.signals.length;
    set(picture, { viewBox: `0 0 ${width} ${height}`, width, height });
    const axes = plot({ width, height, top: 26, bottom, x: { low: 0.5, high: L + 0.5, most: width < 500 ? 8 : 20, label: bottom > 30 ? "layer (the input is left, the loss is right)" : "" },
      y: { ...axis, label, most: 5 } });
    picture.replaceChildren(axes.group);
    return axes;
  }

  function drawForward() {
    const axes = chart(forward, trace.axes.A, 210, trace.axes.A.log ? "size of the values" : "values", 26);
    const hidden = trace.spread.A.slice(0, -1);
    forward.append(...hidden.map((bins, i) => violin(axes, i + 1, bins, "A")));
    curve(forward, axes, "A", trace.values.slice(0, -1));
  }

  function drawBackward() {
    const axes = chart(backward, trace.axes.dZ, 290, shown ? "root mean square, and the spread of δ" : "", 48);
    if (!shown) {
      backward.append(svg("text", { class: "lab-note", x: (axes.x0 + axes.x1) / 2, y: (axes.y0 + axes.y1) / 2, "text-anchor": "middle" },
        "The error signals are hidden here."));
      return;
    }
    if (guess) {
      const [left, right] = [axes.sx(guess - 0.5), axes.sx(guess + 0.5)];
      backward.append(svg("rect", { class: "lab-yours", x: left, width: right - left, y: axes.y1, height: axes.y0 - axes.y1 }));
    }
    backward.append(...trace.spread.dZ.map((bins, i) => violin(axes, i + 1, bins, "dZ")));
    curve(backward, axes, "dZ", trace.signals);
    const places = curve(backward, axes, "dW", trace.gradients);
    if (trace.least) {
      const [cx, cy] = places[trace.least - 1];
      backward.append(svg("circle", { class: "lab-least", cx, cy, r: 11 }),
        svg("text", { class: "lab-note lab-halo", x: cx + (cx < axes.x1 - 90 ? -10 : 10), y: cy < axes.y1 + 40 ? cy + 28 : cy - 20,
          "text-anchor": cx < axes.x1 - 90 ? "start" : "end" }, "learns least"));
    }
    if ([...trace.signals, ...trace.gradients].includes(0)) {
      backward.append(svg("text", { class: "lab-note lab-halo", x: axes.x0 + 8, y: axes.y0 - 10 }, "on the lower edge: exactly 0"));
    }
  }

  function size(room) {
    width = room;
    drawForward();
    drawBackward();
  }

  function draw(next) {
    trace = next;
    const L = trace.signals.length, kept = answer.value;
    question.textContent = shown ? "Change one thing at a time, and guess before you look." :
      `${trace.own ? "Your network" : `${trace.sizes.length - 2} hidden ${trace.activation} layers`}; the upper chart shows the values on the way forward. Which layer gets the smallest gradient for its weights, so that it learns least?`;
    answer.replaceChildren(html("option", { value: 0 }, "all about alike"),
      ...trace.signals.map((_, i) => html("option", { value: i + 1 }, `layer ${i + 1}${i === 0 ? " (next to the input)" : i === L - 1 ? " (the output)" : ""}`)));
    answer.value = Number(kept) <= L ? kept || "0" : "0";
    set(predict, { hidden: shown });
    set(again, { hidden: !shown });
    keys.querySelectorAll(".key-dZ, .key-dW").forEach((one) => set(one, { hidden: !shown }));
    follow(depth, trace.depth);
    follow(scale, nearest(trace.scale));
    activation.change(trace.activation);
    tell();
    if (width) size(width);
  }

  fitted(root, 330, 760, size);
  draw(trace);
  function arrive(next) {
    guess = null;
    draw(next);
  }
  return arrive;
});
export default { render };
