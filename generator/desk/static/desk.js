// The desk's own script: formulas, keys, the camera, and marks that are queued until they are saved.
"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const csrf = $("meta[name=csrf]").content;
  // Below which path of the host the desk is; empty at its top.
  const { root } = document.body.dataset;
  const copy = $("#copy")?.dataset;
  const said = $("#said");
  const waiting = $("#waiting");

  // Formulas: the page has them as TeX, and shows that where MathML cannot be made of it.
  const setFormulas = (from) => {
    for (const place of all(".tex:not([data-set])", from)) {
      const tex = place.textContent;
      place.dataset.set = "yes";
      try { temml.render(tex, place, { displayMode: place.dataset.display === "true", throwOnError: true }); }
      catch { place.textContent = tex; }
    }
  };
  const say = (...texts) => {
    said.replaceChildren(...texts.filter(Boolean).map((text) => {
      const line = document.createElement("p");
      line.className = "said";
      line.textContent = text;
      return line;
    }));
  };
  const ask = (path, body) => fetch(root + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { "x-csrf-token": csrf, "x-desk": "1", "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
  });
  const refusal = async (answer) => {
    const holder = document.createElement("div");
    holder.innerHTML = await answer.text();
    return holder.textContent.trim();
  };
  // What is not queued needs the desk now, and says so where there is no way to it.
  const reach = (path, body) => ask(path, body).catch(() => say(waiting.dataset.offline));
  const go = async (path) => {
    const answer = await reach(path);
    if (!answer) return;
    const target = answer.headers.get("x-location");
    if (!target) return say(await refusal(answer));
    const here = location.pathname + location.search;
    location.assign(target);
    if (target.split("#")[0] === here) location.reload();
  };

  // Panels are replaced by what the server says; the focus stays where it was.
  const show = (data) => {
    for (const [part, html] of Object.entries(data.panels ?? {})) {
      const panel = document.getElementById(`panel-${part}`);
      if (!panel) continue;
      const focused = panel.contains(document.activeElement) ? document.activeElement.id : "";
      panel.innerHTML = html;
      setFormulas(panel);
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    }
    name($(".part.here"));
    for (const cell of all("[data-then]")) {
      const found = data.cells?.[cell.dataset.then];
      cell.dataset.status = found?.status ?? "";
      cell.textContent = found ? `${found.says} ${found.expected}` : "";
    }
    for (const line of all("[data-mistake]")) {
      const part = line.closest(".part").dataset.part;
      line.classList.toggle("alike", (data.alike?.[part] ?? []).includes(line.dataset.mistake));
    }
  };

  // The queue: an operation stays in the page's storage until the server has it on its disk. Its id
  // is its own, so that sending it again changes nothing.
  const STORE = `desk-queue-${copy?.who ?? ""}`;
  const queue = {
    read: () => JSON.parse(localStorage.getItem(STORE) ?? "[]"),
    write: (list) => {
      localStorage.setItem(STORE, JSON.stringify(list));
      waiting.hidden = !list.length || !queue.stuck;
      waiting.textContent = `${waiting.dataset.says} ${list.length}`;
    },
    stuck: false,
  };
  // Lists are made anew only while nobody types in them.
  const saved = () => {
    if (!document.activeElement?.matches(".written")) document.body.dispatchEvent(new CustomEvent("desk:saved"));
  };
  let sending = null;
  let delay = 500;
  // Whoever waits for it waits until the queue is empty, or stuck.
  const send = () => {
    sending ??= drain().finally(() => { sending = null; });
    return sending.then(() => (queue.read().length && !queue.stuck ? send() : undefined));
  };
  // What was refused on the way stays in sight, whatever is saved behind it.
  const drain = async () => {
    const told = [];
    try {
      for (let list = queue.read(); list.length; list = queue.read()) {
        const [first] = list;
        const answer = await ask("/mark", first);
        if (answer.status === 401) {
          queue.stuck = true;
          queue.write(list);
          return say(waiting.dataset.session);
        }
        if (answer.status >= 500) throw new Error(answer.statusText);
        queue.write(queue.read().filter((each) => each.id !== first.id));
        if (answer.headers.get("content-type")?.includes("json")) {
          const data = await answer.json();
          const isHere = first.code === copy?.code;
          if (isHere) show(data);
          const heard = data.says || (!isHere && data.cells?.[first.name]?.status === "bad" ? data.cells[first.name].says : "");
          if (heard) told.push(isHere ? heard : `${first.code}: ${heard}`);
        } else told.push(await refusal(answer));
        say(...told);
      }
      queue.stuck = false;
      delay = 500;
      queue.write([]);
      saved();
    } catch {
      queue.stuck = true;
      queue.write(queue.read());
      setTimeout(send, delay);
      delay = Math.min(2 * delay, 15000);
    }
  };
  const version = (part) => Number($(`#panel-${CSS.escape(part)} [data-version]`)?.dataset.version ?? 0);
  const record = (part, kind, name = "", value = "", code = copy.code) => {
    const id = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16)).join("");
    const operation = { id, code, part, kind, name, value, seen: version(part), round: Number(copy.round) };
    queue.write([...queue.read(), operation]);
    return send();
  };

  // Where one is.
  const parts = () => all(".part");
  const current = () => document.activeElement?.closest?.(".part") ?? $(".part.here") ?? $(".part");
  // The bar names the subproblem that it is about, and its points: on a phone the panel is out of sight.
  const name = (section) => {
    if (!$("#here") || !section) return;
    const points = $(".total", section)?.firstChild.textContent.trim() ?? "–";
    $("#here").textContent = `${section.dataset.part}${points === "–" ? "" : `: ${points}`}`;
  };
  const enter = (section, focus = true) => {
    if (!section) return;
    for (const other of parts()) other.classList.toggle("here", other === section);
    name(section);
    if (focus) { section.focus({ preventScroll: true }); section.scrollIntoView({ block: "start" }); }
    if (copy?.code && copy.recording) ask("/claim", { code: copy.code, part: section.dataset.part, round: Number(copy.round) }).catch(() => {});
  };
  const undo = async () => {
    const answer = await reach("/undo", { id: `undo-${Date.now()}-${Math.random()}` });
    if (!answer) return;
    if (!answer.headers.get("content-type")?.includes("json")) return say(await refusal(answer));
    const data = await answer.json();
    say(data.says);
    if (!data.code) return;
    if (data.code === copy.code && data.problem === copy.problem) show(data);
    else location.assign(`${root}/key/${data.code}/${data.problem}#part-${data.part}`);
  };
  const give = (section, at) => all(".choices button:not(.quiet)", section).at(at)?.click();
  // As the stack lies: the next copy is the one that the corrector takes in his hand.
  const stack = $("#stack");
  if (stack) stack.checked = localStorage.getItem("desk-stack") === "on";
  const inStack = () => Boolean(stack?.checked) && copy.round === "1";
  // The copy that is still before the camera is not the next one.
  const isThisCopy = (text) => text.toUpperCase().split(/[^A-Z0-9.]/).includes(copy.code);
  const takeNext = () => {
    say(stack.dataset.says);
    $("#code").value = "";
    $("#code").focus();
    if (localStorage.getItem("desk-found") === "scanned") scan(find, stack.dataset.says, isThisCopy);
  };
  // One subproblem through all copies: who begins at one on the page of the work means that one.
  const ALONE = "desk-alone";
  const alone = $("#alone");
  const mineAlone = () => parts().find((each) => each.dataset.part === sessionStorage.getItem(ALONE));
  if (alone) alone.checked = Boolean(mineAlone());
  const isDone = (section) => Boolean($(".total.done", section));
  const next = (section) => {
    if (alone?.checked || copy.round !== "1") {
      if (inStack() && isDone(section)) return takeNext();
      return go(`/next/${section.dataset.part}?after=${copy.code}&round=${copy.round}`);
    }
    const rest = parts();
    const open = rest.slice(rest.indexOf(section) + 1).find((each) => !isDone(each));
    if (open) return enter(open);
    const first = rest.find((each) => !isDone(each)) ?? section;
    const part = (isDone(first) ? section : first).dataset.part;
    if (!isDone(first) && first !== section) return enter(first);
    if (inStack()) return takeNext();
    return go(`/next/${section.dataset.part}?after=${copy.code}&round=${copy.round}`);
  };
  const done = async (section) => {
    await flush();
    if (!isDone(section)) await record(section.dataset.part, "done");
    if (isDone(section)) next(section);
  };

  // What is clicked and typed.
  document.addEventListener("change", (event) => {
    const box = event.target.closest("[data-op]");
    if (box) record(box.closest(".part").dataset.part, box.checked ? "tick" : "untick", box.dataset.op);
    if (event.target.id === "stack") localStorage.setItem("desk-stack", event.target.checked ? "on" : "off");
    if (event.target.id === "alone") sessionStorage.setItem(ALONE, event.target.checked ? current().dataset.part : "");
    if (event.target.id === "keys") localStorage.setItem("desk-keys", event.target.checked ? "on" : "off");
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const section = button.closest(".part");
    const { points, kind, uncomment, next: wanted } = button.dataset;
    if (points !== undefined) {
      // Seen at once; what the server says takes its place.
      for (const other of all(".choices button", section)) other.setAttribute("aria-pressed", other === button && points !== "");
      record(section.dataset.part, "points", "", points);
    }
    else if (kind) record(section.dataset.part, kind);
    else if (uncomment) record(section.dataset.part, "uncomment", "", uncomment);
    else if (wanted) {
      sessionStorage.setItem(ALONE, button.dataset.alone ? wanted : "");
      go(`/next/${wanted}?round=${button.dataset.round ?? 1}`);
    }
    else if (button.dataset.do === "undo") undo();
    else if (button.dataset.do === "next") next(current());
    else if (button.dataset.do === "done-next") done(current());
    else if (button.dataset.do === "full") give(current(), -1);
    else if (button.dataset.do === "nothing") give(current(), 0);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-comment]");
    if (!form) return;
    event.preventDefault();
    const field = $("input", form);
    if (field.value.trim()) record(form.dataset.comment, "comment", "", field.value.trim());
    field.value = "";
  });
  // What is typed is saved a moment after, each field by itself, and at once when it is left.
  const pauses = new Map();
  const follow = async (field) => {
    clearTimeout(pauses.get(field));
    if (!pauses.delete(field)) return;
    if (copy.recording) return record(field.closest(".part").dataset.part, "given", field.dataset.step, field.value.trim(), field.dataset.code);
    const given = Object.fromEntries(all(".written").filter((each) => each.value.trim()).map((each) => [each.dataset.step, each.value]));
    const answer = await reach(`/follow/${copy.code}/${copy.problem}`, given);
    if (!answer) return;
    if (answer.ok) show(await answer.json()); else say(await refusal(answer));
  };
  const flush = () => Promise.all([...pauses.keys()].map(follow));
  document.addEventListener("input", (event) => {
    const field = event.target.closest(".written");
    if (!field) return;
    clearTimeout(pauses.get(field));
    pauses.set(field, setTimeout(() => follow(field), 250));
  });
  document.addEventListener("focusout", (event) => {
    const field = event.target.closest(".written");
    if (!field) return;
    follow(field);
    setTimeout(saved, 400);
  });
  window.addEventListener("pagehide", flush);
  document.addEventListener("focusin", (event) => {
    const section = event.target.closest(".part");
    if (section && !section.classList.contains("here")) enter(section, false);
  });

  // Who scrolls is at the part that is then at the top.
  let scrolled;
  const look = () => {
    clearTimeout(scrolled);
    scrolled = setTimeout(() => {
      const found = parts().find((each) => { const box = each.getBoundingClientRect(); return box.top <= 140 && box.bottom > 140; });
      if (found && found !== $(".part.here") && !document.activeElement?.matches("input")) { document.activeElement?.blur(); enter(found, false); }
    }, 150);
  };
  if (copy?.code) for (const kind of ["wheel", "touchmove"]) document.addEventListener(kind, look, { passive: true });

  // Keys, which can be switched off (WCAG 2.1.4); none while somebody types.
  const keys = $("#keys");
  if (keys) keys.checked = localStorage.getItem("desk-keys") !== "off";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("desk-keys") === "off") return;
    const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
    if (event.key === "Escape" && typing) return event.target.blur();
    if (event.key === "Enter" && event.target.matches(".written")) {
      const fields = all(".written");
      return fields[fields.indexOf(event.target) + 1]?.focus();
    }
    if (typing) return;
    const section = current();
    const move = (step) => enter(parts()[parts().indexOf(section) + step]);
    const actions = {
      "/": () => $("#code")?.focus(),
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      ArrowLeft: () => copy?.before && location.assign(`${root}/key/${copy.before}/${copy.problem}`),
      ArrowRight: () => copy?.after && location.assign(`${root}/key/${copy.after}/${copy.problem}`),
    };
    if (copy?.recording) Object.assign(actions, {
      g: () => done(section),
      n: () => next(section),
      u: undo,
      d: () => $(`#q-${CSS.escape(section.dataset.part)}`)?.click(),
      w: () => $(".written", section)?.focus(),
      0: () => give(section, 0),
      f: () => give(section, -1),
    });
    const digit = /^[1-9]$/.test(event.key) && copy?.recording;
    if (digit) all("[data-op]", section)[Number(event.key) - 1]?.click();
    if (digit || actions[event.key]) event.preventDefault();
    actions[event.key]?.();
  });

  // What others do.
  if (copy?.recording) {
    let refresh;
    const events = new EventSource(`${root}/events?code=${copy.code}`);
    events.onmessage = (message) => {
      const what = JSON.parse(message.data);
      const ours = (!copy.code || what.code === copy.code) && what.who !== copy.who;
      if (what.kind === "reload" || ours || (what.kind === "hello" && events.again)) {
        clearTimeout(refresh);
        refresh = setTimeout(async () => {
          if (queue.read().length) return;
          if (!copy.code) return saved();
          const answer = await reach(`/panels/${copy.code}/${copy.problem}?round=${copy.round}`);
          if (answer?.ok) show(await answer.json());
        }, 100);
      }
      if (what.kind === "hello") { events.again = true; if (queue.read().length) send(); }
    };
    window.addEventListener("online", send);
    if (copy.code) setInterval(() => enter(current(), false), 60000);
  }

  // The camera: a page's QR symbol opens its problem.
  const camera = $("#camera");
  const button = $("#scan");
  if (button && navigator.mediaDevices?.getUserMedia) button.hidden = false;
  const load = (source) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src: source, onload: resolve, onerror: reject });
    document.head.append(script);
  });
  const find = async (text) => {
    const form = new URLSearchParams({ code: text, csrf, problem: copy?.problem ?? "" });
    const answer = await fetch(`${root}/find`, { method: "POST", headers: { "x-csrf-token": csrf, "x-desk": "1" }, body: form });
    const target = answer.headers.get("x-location");
    if (target) localStorage.setItem("desk-found", "scanned");
    if (target) { camera.close(); location.assign(target); return ""; }
    return refusal(answer);
  };
  // What is scanned goes to `take`, which says what is wrong with it, or closes the camera.
  const scan = async (take, told = camera.dataset.hold, isIgnored = () => false) => {
    const video = $("video", camera);
    const says = $("#camera-says");
    says.textContent = told;
    camera.showModal();
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
      if (!window.BarcodeDetectionAPI) await load(`${root}/static/vendor/barcode-detector-3.2.2.js`);
      const { BarcodeDetector, prepareZXingModule } = window.BarcodeDetectionAPI;
      prepareZXingModule({ overrides: { locateFile: (path) => `${root}/static/vendor/${path}` } });
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      video.srcObject = stream;
      await video.play();
      let last = "";
      while (camera.open) {
        const found = await detector.detect(video);
        const text = found.map((each) => each.rawValue).find((each) => each !== last && !isIgnored(each));
        if (text) {
          last = text;
          says.textContent = await take(text);
        }
        await new Promise((resolve) => setTimeout(resolve, 120));
      }
    } catch { says.textContent = camera.dataset.failed; }
    finally { stream?.getTracks().forEach((track) => track.stop()); }
  };
  button?.addEventListener("click", () => scan(find));
  // At the door, a field is filled; the next empty one is scanned at once.
  const fields = all("[data-scan]");
  const fill = (field) => (text) => {
    $(`#${field.dataset.scan}`).value = text;
    camera.close();
    const next = fields.find((each) => !$(`#${each.dataset.scan}`).value);
    ($(`#${(next ?? field).dataset.scan}`)).focus();
    return "";
  };
  for (const field of fields) {
    field.hidden = !navigator.mediaDevices?.getUserMedia;
    field.addEventListener("click", () => scan(fill(field)));
  }
  $("button", camera).addEventListener("click", () => camera.close());

  // htmx shows refusals where answers go.
  document.addEventListener("htmx:after:swap", () => setFormulas(document));
  setFormulas(document);
  const wanted = location.hash && document.getElementById(location.hash.slice(1));
  const open = copy?.code && copy.recording ? (mineAlone() ?? parts().find((each) => !isDone(each))) : undefined;
  if (copy) enter(wanted && wanted.matches(".part") ? wanted : (open ?? $(".part")), Boolean(wanted || (open && inStack())));
  $("form.find")?.addEventListener("submit", () => localStorage.setItem("desk-found", "typed"));
  if (copy?.recording && queue.read().length) send();
})();
