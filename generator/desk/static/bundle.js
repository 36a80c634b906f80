// Follow-through without the desk: the steps of the exam, evaluated in fractions of whole numbers.
"use strict";
(() => {
  const { steps, says, sign } = window.DESK;
  const abs = (a) => (a < 0n ? -a : a);
  const gcd = (a, b) => { for (a = abs(a), b = abs(b); b;) [a, b] = [b, a % b]; return a || 1n; };
  const ratio = (n, d = 1n) => {
    if (!d) throw new Error("lost");
    if (d < 0n) [n, d] = [-n, -d];
    const common = gcd(n, d);
    return { n: n / common, d: d / common };
  };
  const parse = (text) => {
    const [top, bottom = "1"] = text.split("/");
    const digits = (part) => {
      const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(part);
      if (!match || !(match[2] || match[3])) throw new Error("number");
      const value = ratio(BigInt((match[2] || "0") + (match[3] ?? "")), 10n ** BigInt((match[3] ?? "").length));
      return match[1] === "-" ? ratio(-value.n, value.d) : value;
    };
    const [a, b] = [digits(top), digits(bottom)];
    return ratio(a.n * b.d, a.d * b.n);
  };
  // Thousands may be in groups; a single sign is that of thousands where the key has some.
  const readNumber = (text, key) => {
    let plain = text.replace(/[\u2212\u2013]/g, "-").replace(/\s+/g, "");
    const groups = (sign === "," ? /^([+-]?\d{1,3}(?:\.\d{3})+)(,\d+)?$/ : /^([+-]?\d{1,3}(?:,\d{3})+)(\.\d+)?$/).exec(plain);
    const isLarge = key?.n !== undefined && abs(key.n) >= 1000n * key.d;
    if (groups && (groups[2] || isLarge || groups[1].split(/[.,]/).length > 2)) plain = groups[1].replace(/[.,]/g, "") + (groups[2] ?? "");
    if (sign === "," && !plain.includes(".")) plain = plain.replace(/,/g, ".");
    return parse(plain);
  };
  // A currency or the unit of the result may stand beside it; without a unit, per cent are a share where that is nearer.
  const MONEY = "€|\\$|£|¥|EUR|Euro|USD|GBP|CHF";
  const measured = new RegExp(`^([+-]?)\\s*(?:${MONEY})?\\s*([+-]?[\\d.,/\\s]*\\d(?:,-+)?)\\s*([^\\d\\s.,/].*)?$`);
  const BASES = { binary: 2n, octal: 8n, hexadecimal: 16n };
  const inBase = (text, base) => {
    const found = /^([+-]?)(?:0[xbo])?([0-9A-F]+?)(?:[₀-₉]+|_\d+)?$/i.exec(text.replace(/\s/g, ""));
    const digits = [...(found?.[2] ?? "?")].map((it) => BigInt("0123456789ABCDEF".indexOf(it.toUpperCase())));
    if (digits.some((it) => it < 0n || it >= base)) throw new Error("number");
    const size = digits.reduce((sum, it) => sum * base + it, 0n);
    return ratio(found[1] === "-" ? -size : size);
  };
  const power = /(?:^|(?<=[+-])|\s*[·×*x]\s*)10\s*(?:\^\s*([+-]?\d+)|([⁺⁻]?[⁰¹²³⁴-⁹]+))|(?<=\d)e([+-]?\d+)/i;
  const typed = (text, key, unit = "", form = "decimal") => {
    const bare = (it) => it.replace(/[\s·]/g, "");
    const plain = text.replace(/[\u2212\u2013]/g, "-").trim();
    if (BASES[form]) return inBase(plain, BASES[form]);
    const ten = power.exec(plain);
    if (ten) {
      const exponent = Number(ten[1] ?? ten[3] ?? ten[2].replace(/[⁰-⁹²³¹⁺⁻]/g, (it) => "0123456789+-"["⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻".indexOf(it)]));
      const front = plain.slice(0, ten.index) + (/^\s*[·×*xe]/i.test(ten[0]) ? "" : "1");
      const scale = 10n ** BigInt(Math.min(Math.abs(exponent), 100));
      const value = typed(front + plain.slice(ten.index + ten[0].length), undefined, unit);
      return exponent < 0 ? ratio(value.n, value.d * scale) : ratio(value.n * scale, value.d);
    }
    const mixed = /^([+-]?)\s*(\d+)\s+([1-9]\d*)\/([1-9]\d*)$/.exec(plain);
    if (mixed && BigInt(mixed[3]) < BigInt(mixed[4])) {
      const size = BigInt(mixed[2]) * BigInt(mixed[4]) + BigInt(mixed[3]);
      return ratio(mixed[1] === "-" ? -size : size, BigInt(mixed[4]));
    }
    const asShare = (value) => {
      const share = ratio(value.n, value.d * 100n);
      const off = (it) => Math.abs(Number(it.n) / Number(it.d) - (key?.n === undefined ? 0 : Number(key.n) / Number(key.d)));
      return off(share) <= off(value) ? share : value;
    };
    const found = measured.exec(plain);
    try {
      const value = readNumber(text, key);
      return form === "percent" ? asShare(value) : value;
    } catch (error) { if (!found) throw error; }
    const value = readNumber(found[1] + found[2].replace(/,-+$/, ""), key);
    const behind = bare(found[3] ?? "");
    if (behind === "%" && !unit) return asShare(value);
    const isMoney = new RegExp(`^(?:${MONEY})$`).test(behind) && new RegExp(`^(?:${MONEY})?$`).test(bare(unit));
    if (behind && behind !== bare(unit) && !isMoney) throw new Error("unit");
    return value;
  };
  // A complex number is its two parts; one without an imaginary part is a plain number.
  const isComplex = (a) => typeof a === "object" && a !== null && a.im !== undefined;
  const isPlain = (a) => typeof a === "object" && a !== null && a.d !== undefined;
  const joined = (re, im) => (im.n ? { re, im } : re);
  const parts = (a) => (isComplex(a) ? [a.re, a.im] : [number(a), ratio(0n)]);
  const typedComplex = (text) => {
    const plain = text.replace(/[\u2212\u2013]/g, "-").replace(/\s+/g, "");
    const match = /^(.*?[^+-])??([+-]?[^+-]*)[ij]$/.exec(plain);
    if (!match) return typed(plain);
    return joined(typed(match[1] || "0"), typed(/^[+-]?$/.test(match[2]) ? `${match[2]}1` : match[2]));
  };
  // A double is a fraction itself; what comes of a root or a logarithm is rounded by its step.
  const real = (x) => {
    if (!Number.isFinite(x)) throw new Error("lost");
    let shift = 0n;
    while (!Number.isInteger(x) && shift < 1100n) { x *= 2; shift += 1n; }
    return ratio(BigInt(x), 2n ** shift);
  };
  // Whole numbers of any length as doubles: both are cut to what a double holds.
  const double = ({ n, d }) => {
    const cut = Math.max(n.toString(2).length, d.toString(2).length) - 1000;
    return cut > 0 ? Number(n >> BigInt(cut)) / Number(d >> BigInt(cut)) : Number(n) / Number(d);
  };
  const compare = (a, b) => { const c = a.n * b.d - b.n * a.d; return c < 0n ? -1 : c > 0n ? 1 : 0; };
  const floor = ({ n, d }) => (n < 0n ? -((-n + d - 1n) / d) : n / d);
  const whole = ({ n, d }, ties) => {
    if (ties === "half_even") {
      const low = floor({ n, d });
      const rest = compare(ratio(n - low * d, d), ratio(1n, 2n));
      return rest < 0 || (rest === 0 && low % 2n === 0n) ? low : low + 1n;
    }
    const nearest = (2n * abs(n) + d) / (2n * d);
    return n < 0n ? -nearest : nearest;
  };
  const roundTo = (a, decimals, ties) => {
    const scale = 10n ** BigInt(Math.abs(decimals));
    return decimals >= 0 ? ratio(whole(ratio(a.n * scale, a.d), ties), scale) : ratio(whole(ratio(a.n, a.d * scale), ties) * scale);
  };
  const roundStep = (value, step) => {
    if (isComplex(value)) return joined(roundStep(value.re, step), roundStep(value.im, step));
    if (!isPlain(value)) return value;
    if (step.decimals !== null) return roundTo(value, step.decimals, step.ties);
    if (step.significant !== null && value.n) {
      // The power of ten that the first digit stands for, counted in whole numbers.
      let power = abs(value.n).toString().length - value.d.toString().length;
      const at = (p) => (p >= 0 ? ratio(10n ** BigInt(p)) : ratio(1n, 10n ** BigInt(-p)));
      if (compare(ratio(abs(value.n), value.d), at(power)) < 0) power -= 1;
      return roundTo(value, step.significant - 1 - power, step.ties);
    }
    return value;
  };
  const number = (a) => {
    if (isComplex(a)) throw new Error("lost");
    if (!isPlain(a)) throw new Error("only_desk");
    return a;
  };
  const anyNumber = (a) => (isComplex(a) ? a : number(a));
  const integer = (a) => { if (number(a).d !== 1n) throw new Error("lost"); return Number(a.n); };
  const list = (items) => (items.length === 1 && Array.isArray(items[0]) ? items[0] : items).map(number);
  const root = (a) => {
    if (number(a).n < 0n) throw new Error("lost");
    const exact = (x) => { let r = BigInt(Math.floor(Math.sqrt(Number(x)))); while (r * r > x) r -= 1n; while ((r + 1n) * (r + 1n) <= x) r += 1n; return r * r === x ? r : null; };
    const [n, d] = [exact(a.n), exact(a.d)];
    return n !== null && d !== null ? ratio(n, d) : real(Math.sqrt(double(a)));
  };
  const logarithm = (a, base) => {
    if (number(a).n <= 0n) throw new Error("lost");
    return real(base ? Math.log(double(a)) / Math.log(double(number(base))) : Math.log(double(a)));
  };
  const operators = {
    "+": (a, b) => ratio(a.n * b.d + b.n * a.d, a.d * b.d),
    "-": (a, b) => ratio(a.n * b.d - b.n * a.d, a.d * b.d),
    "*": (a, b) => ratio(a.n * b.n, a.d * b.d),
    "/": (a, b) => ratio(a.n * b.d, a.d * b.n),
    "%": (a, b) => { const whole = ratio(floor(operators["/"](a, b))); return operators["-"](a, operators["*"](whole, b)); },
    "**": (a, b) => {
      if (b.d !== 1n || abs(b.n) > 400n) return real(double(a) ** double(b));
      return b.n >= 0n ? ratio(a.n ** b.n, a.d ** b.n) : ratio(a.d ** -b.n, a.n ** -b.n);
    },
  };
  // Of complex numbers: division by the conjugate, and whole powers alone.
  const withParts = {
    "+": ([p, q], [r, s]) => joined(operators["+"](p, r), operators["+"](q, s)),
    "-": ([p, q], [r, s]) => joined(operators["-"](p, r), operators["-"](q, s)),
    "*": ([p, q], [r, s]) => joined(operators["-"](operators["*"](p, r), operators["*"](q, s)), operators["+"](operators["*"](p, s), operators["*"](q, r))),
    "/": ([p, q], [r, s]) => {
      const size = operators["+"](operators["*"](r, r), operators["*"](s, s));
      const across = operators["+"](operators["*"](p, r), operators["*"](q, s));
      return joined(operators["/"](across, size), operators["/"](operators["-"](operators["*"](q, r), operators["*"](p, s)), size));
    },
    "**": (base, [exponent, other]) => {
      if (other.n || exponent.d !== 1n || abs(exponent.n) > 100n) throw new Error("lost");
      let found = ratio(1n);
      for (let at = 0n; at < abs(exponent.n); at += 1n) found = calculate("*", found, joined(...base));
      return exponent.n < 0n ? calculate("/", ratio(1n), found) : found;
    },
  };
  const calculate = (operator, a, b) => {
    if (!isComplex(a) && !isComplex(b)) return operators[operator](number(a), number(b));
    if (!(operator in withParts)) throw new Error("lost");
    return withParts[operator](parts(a), parts(b));
  };
  const squaredSize = (a) => { const [p, q] = parts(a); return operators["+"](operators["*"](p, p), operators["*"](q, q)); };
  const comparisons = { "<": (c) => c < 0, "<=": (c) => c <= 0, ">": (c) => c > 0, ">=": (c) => c >= 0, "==": (c) => c === 0, "!=": (c) => c !== 0 };
  const functions = {
    relu: (a) => (number(a).n > 0n ? a : ratio(0n)),
    abs: (a) => (isComplex(a) ? root(squaredSize(a)) : ratio(abs(number(a).n), a.d)),
    complex: (a, b) => joined(number(a), number(b)),
    polar: (a, b) => joined(operators["*"](number(a), functions.cos(b)), operators["*"](a, functions.sin(b))),
    re: (a) => parts(a)[0],
    im: (a) => parts(a)[1],
    conj: (a) => { const [p, q] = parts(a); return joined(p, ratio(-q.n, q.d)); },
    arg: (a) => { const [p, q] = parts(a); return real(Math.atan2(double(q), double(p))); },
    min: (...all) => list(all).reduce((a, b) => (compare(a, b) <= 0 ? a : b)),
    max: (...all) => list(all).reduce((a, b) => (compare(a, b) >= 0 ? a : b)),
    sum: (...all) => (all.length === 1 && Array.isArray(all[0]) ? all[0] : all).reduce((a, b) => calculate("+", a, b), ratio(0n)),
    floor: (a) => ratio(floor(number(a))),
    ceil: (a) => ratio(-floor(ratio(-number(a).n, a.d))),
    round: (a, decimals) => roundTo(number(a), decimals ? integer(decimals) : 0, "half_up"),
    sign: (a) => ratio(BigInt(compare(number(a), ratio(0n)))),
    step: (a) => ratio(number(a).n > 0n ? 1n : 0n),
    indicator: (a) => ratio(a === true ? 1n : 0n),
    sqrt: root,
    exp: (a) => real(Math.exp(double(number(a)))),
    log: logarithm,
    sin: (a) => real(Math.sin(double(number(a)))),
    cos: (a) => real(Math.cos(double(number(a)))),
    tan: (a) => real(Math.tan(double(number(a)))),
    tanh: (a) => real(Math.tanh(double(number(a)))),
    mod: (a, b) => operators["%"](number(a), number(b)),
  };
  const evaluate = (node, values) => {
    const run = (each) => evaluate(each, values);
    switch (node.kind) {
      case "Number": return parse(node.value);
      case "TextLiteral": case "Truth": return node.value;
      case "Constant": return real(node.name === "pi" ? Math.PI : Math.E);
      case "Name":
        if (!(node.name in values)) throw new Error("lost");
        return values[node.name];
      case "Vector": return node.items.map(run);
      case "Index": {
        const [base, at] = [run(node.base), integer(run(node.index))];
        if (!Array.isArray(base) || !(at in base)) throw new Error("lost");
        return base[at];
      }
      case "Negative": return calculate("-", ratio(0n), anyNumber(run(node.operand)));
      case "Binary": return calculate(node.operator, anyNumber(run(node.left)), anyNumber(run(node.right)));
      case "Comparison": {
        const found = node.operands.map(run);
        return node.operators.every((operator, at) => {
          const [a, b] = [found[at], found[at + 1]];
          if (typeof a !== "object" && typeof b !== "object") {
            if (operator !== "==" && operator !== "!=") throw new Error("only_desk");
            return (a === b) === (operator === "==");
          }
          if (isComplex(a) || isComplex(b)) {
            if (operator !== "==" && operator !== "!=") throw new Error("lost");
            return same(a, b) === (operator === "==");
          }
          return comparisons[operator](compare(number(a), number(b)));
        });
      }
      case "Not": return !run(node.operand);
      case "Logical": return node.operator === "and" ? node.operands.every((each) => run(each)) : node.operands.some((each) => run(each));
      case "Conditional": return run(node.test) ? run(node.then) : run(node.otherwise);
      case "Call":
        if (!(node.function in functions)) throw new Error("only_desk");
        return functions[node.function](...node.arguments.map(run));
      default: throw new Error("only_desk");
    }
  };
  const uses = (node, found = new Set()) => {
    if (Array.isArray(node)) node.forEach((each) => uses(each, found));
    else if (node && typeof node === "object") {
      if (node.kind === "Name") found.add(node.name);
      Object.values(node).forEach((each) => uses(each, found));
    }
    return found;
  };
  const read = (value) => (Array.isArray(value) ? value.map(read) : typeof value === "string" ? parse(value) : "im" in value ? { re: parse(value.re), im: parse(value.im) } : value.is);
  const same = (a, b) => {
    if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, at) => same(each, b[at]));
    if (isComplex(a) && isComplex(b)) return same(a.re, b.re) && same(a.im, b.im);
    return isPlain(a) && isPlain(b) ? compare(a, b) === 0 : a === b;
  };

  // The names that reach the value of a tree: nothing gets through a factor of zero, a unit that is
  // off, or a branch that is not taken (the program's `expressions/reach.py`).
  const isZero = (value) => (Array.isArray(value) ? value.every(isZero) : isComplex(value) ? false : typeof value === "object" ? !value.n : typeof value !== "string" && !value);
  const through = (nodes, values) => new Set(nodes.flatMap((each) => [...reach(each, values)]));
  const reach = (node, values) => {
    const value = (each) => evaluate(each, values);
    const below = Object.values(node).flat().filter((each) => each?.kind);
    if (node.kind === "Name") return new Set([node.name]);
    if (node.kind === "Conditional") return reach(value(node.test) ? node.then : node.otherwise, values);
    if (node.kind === "Binary") {
      const decides = { "*": [node.left, node.right], "/": [node.left], "**": [node.left] }[node.operator] ?? [];
      return decides.some((each) => isZero(value(each))) ? new Set() : through(below, values);
    }
    if (node.kind === "Call") {
      if (["relu", "step", "indicator"].includes(node.function) && isZero(value(node))) return new Set();
      if (["max", "min"].includes(node.function)) {
        const chosen = value(node);
        const [first] = below;
        const among = below.length === 1 && first.kind === "Vector" ? first.items : below;
        const taken = among.filter((each) => same(value(each), chosen));
        return through(taken.length ? taken : among, values);
      }
    }
    return through(below, values);
  };
  // Whether an error has taken away what a step was to do: as the rubric states, else if what reached
  // the key's value does not reach this one, and no other step does.
  const isTrivial = (step, known, sheet, now, moved) => {
    const lost = () => ![...reach(step.tree, now)].some((name) => known[name] && "places" in known[name]) && [...reach(step.tree, sheet)].some((name) => moved.has(name));
    const stated = known[step.name].trivial;
    if (!stated) return lost();
    try { return Boolean(evaluate(stated, now)); }
    catch (error) { if (error.message === "only_desk") throw error; return lost(); }
  };

  // All steps that depend on what was written, in their order: a value, or why there is none.
  const recompute = (own, sheet, written) => {
    const values = { ...sheet, ...written };
    const found = {};
    const moved = new Set(Object.keys(written));
    for (const step of own) {
      if (step.name in written || ![...step.uses].some((name) => moved.has(name))) continue;
      moved.add(step.name);
      try { found[step.name] = values[step.name] = roundStep(evaluate(step.tree, values), step); }
      catch (error) {
        delete values[step.name];
        found[step.name] = error.message === "only_desk" ? error : new Error(error.message === "lost" ? "lost" : "only_desk");
      }
    }
    return found;
  };
  const show = (value, least = 0) => {
    if (Array.isArray(value)) return `(${value.map((each) => show(each, least)).join(", ")})`;
    if (isComplex(value)) {
      const size = show(ratio(abs(value.im.n), value.im.d), least);
      const up = `${size === "1" ? "" : size}i`;
      if (!value.re.n) return value.im.n < 0n ? `\u2212${up}` : up;
      return `${show(value.re, least)} ${value.im.n < 0n ? "\u2212" : "+"} ${up}`;
    }
    if (typeof value !== "object") return String(value);
    let d = value.d, places = 0;
    while (d % 10n === 0n) { d /= 10n; places += 1; }
    let twos = 0, fives = 0;
    while (d % 2n === 0n) { d /= 2n; twos += 1; }
    while (d % 5n === 0n) { d /= 5n; fives += 1; }
    places += Math.max(twos, fives);
    places = d !== 1n || places > 8 ? 6 : Math.max(places, least ?? 0);
    const scaled = whole(ratio(value.n * 10n ** BigInt(places), value.d), "half_up");
    const digits = abs(scaled).toString().padStart(places + 1, "0");
    const text = places ? `${digits.slice(0, -places)}${sign}${digits.slice(-places)}` : digits;
    return (scaled < 0n ? "\u2212" : "") + text;
  };

  for (const place of document.querySelectorAll(".tex")) {
    const tex = place.textContent;
    try { temml.render(tex, place, { displayMode: place.dataset.display === "true", throwOnError: true }); }
    catch { place.textContent = tex; }
  }

  for (const problem of document.querySelectorAll("[data-problem]")) {
    const known = JSON.parse(problem.dataset.values);
    const sheet = Object.fromEntries(Object.entries(known).map(([name, it]) => [name, read(it.value)]));
    const own = steps[problem.dataset.problem].filter((it) => it.name in known).map((it) => ({ ...it, uses: uses(it.tree) }));
    const rounding = Object.fromEntries(own.map((it) => [it.name, it]));
    const right = (name, value, expected) => same(value, expected) || (name in rounding && (isPlain(value) || isComplex(value)) && same(roundStep(value, rounding[name]), expected));
    const accepted = (name, value) => {
      const bounds = known[name].accept?.map(read);
      return Boolean(bounds) && isPlain(value) && compare(bounds[0], value) <= 0 && compare(value, bounds[1]) <= 0;
    };
    // One written value against the key, and against what follows from the others.
    const verdict = (name, written) => {
      const { [name]: value, ...others } = written;
      const follows = recompute(own, sheet, others)[name];
      const expected = follows instanceof Error || follows === undefined ? sheet[name] : follows;
      const key = right(name, value, sheet[name]) || accepted(name, value);
      const through = right(name, value, expected) || (follows === undefined && key);
      return { expected, through, status: key ? (through ? "right" : "as in the key") : through ? "follow-through" : "wrong" };
    };
    // Who goes on from the printed fallback has other values than the key, whatever came before.
    const isFromFallback = (name, written) => {
      const sources = known[name].sources ?? [];
      if (!sources.length) return false;
      const later = new Set([name]);
      const moved = new Set(sources);
      for (const step of own) if ([...step.uses].some((each) => moved.has(each))) { moved.add(step.name); later.add(step.name); }
      const printed = Object.fromEntries(sources.map((each) => [each, sheet[`fallback_${each}`]]));
      return [(each) => !sources.includes(each), (each) => later.has(each)].some((wanted) => {
        const kept = Object.fromEntries(Object.entries(written).filter(([each]) => wanted(each)));
        return verdict(name, { ...kept, ...printed }).through;
      });
    };
    const judge = () => {
      const written = {};
      const bad = {};
      for (const field of problem.querySelectorAll(".written")) {
        const text = field.value.trim();
        if (!text) continue;
        try {
          const value = sheet[field.dataset.step];
          written[field.dataset.step] = typeof value === "string" ? text : Array.isArray(value) ? text.replace(/[()[\]]/g, "").split(text.includes(";") || sign === "," ? ";" : ",").map((each) => typed(each)) : isComplex(value) ? typedComplex(text) : typed(text, value, known[field.dataset.step].unit, known[field.dataset.step].form);
        } catch { bad[field.dataset.step] = says.no_number.replace("{typed}", text); }
      }
      const then = recompute(own, sheet, written);
      const computed = Object.entries(then).filter(([, value]) => !(value instanceof Error));
      const now = { ...sheet, ...written, ...Object.fromEntries(computed) };
      const moved = new Set([...Object.keys(written), ...Object.keys(then)].filter((name) => then[name] instanceof Error || !same(now[name], sheet[name])));
      for (const cell of problem.querySelectorAll("[data-then]")) {
        const name = cell.dataset.then;
        let status = "", text = "";
        if (bad[name]) [status, text] = ["bad", bad[name]];
        else if (name in written) {
          const found = verdict(name, written);
          status = !found.through && isFromFallback(name, written) ? "fallback" : found.status;
          const isPlainlyTold = status === "fallback" || (status !== "wrong" && same(found.expected, sheet[name]));
          text = `${says[status.replace("-", "_").replaceAll(" ", "_")]} ${isPlainlyTold ? "" : show(found.expected, known[name].places)}`.trim();
        } else if (then[name] instanceof Error) [status, text] = [then[name].message, says[then[name].message]];
        else if (name in then && !same(then[name], sheet[name])) {
          try { status = isTrivial(rounding[name], known, sheet, now, moved) ? "trivial" : "follow-through"; }
          catch { status = "only_desk"; }
          text = `${says[status.replace("-", "_")]} ${show(then[name], known[name].places)}`;
        }
        cell.dataset.status = status;
        cell.textContent = text;
      }
    };
    problem.addEventListener("input", judge);
  }

  const form = document.getElementById("bundle-find");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = form.code.value;
    const plain = text.toUpperCase().replace(/[\s\u2010-\u2014\u2212-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
    const link = [...document.querySelectorAll("[data-code]")].find((each) => {
      const whole = each.dataset.code.replace("-", "");
      return whole === plain || whole.slice(0, -1) === plain;
    });
    if (link) location.assign(link.href);
    else document.getElementById("said").textContent = says.unknown.replace("{typed}", text);
  });
})();
