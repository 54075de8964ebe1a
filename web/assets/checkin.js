// Check-in at the pier, with or without network.
//
// What was seen is written down on the phone first, then told. The same nonce is one scan, so it may
// be told again after a lost answer. Without network a code is judged by the market's public key
// (Ed25519) and by the list of guests that was loaded before.
"use strict";

(function () {
  var root = document.querySelector("[data-checkin]");
  if (!root) { return; }
  var shop = root.getAttribute("data-shop");
  var url = root.getAttribute("data-url");
  function one(name) { return root.querySelector("[data-" + name + "]"); }
  var words = {};
  root.querySelectorAll("[data-words] li").forEach(function (item) { words[item.getAttribute("data-key")] = item.textContent; });
  var choice = one("departure");
  var verdict = one("verdict");

  // ---- what the phone keeps -------------------------------------------------------------------
  function read(name, otherwise) {
    try { return JSON.parse(localStorage.getItem("checkin:" + shop + ":" + name)) || otherwise; } catch (error) { return otherwise; }
  }
  function write(name, value) {
    try { localStorage.setItem("checkin:" + shop + ":" + name, JSON.stringify(value)); return true; } catch (error) { return false; }
  }
  function random() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.prototype.map.call(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
  }
  var device = read("device", "") || random().slice(0, 8);
  write("device", device);
  var queue = read("queue", []);
  var log = read("log", []);
  var MOST_LOGGED = 200;
  var MOST_SENT = 100;

  /** Today's departures: whoever checks in everybody has all of them on the phone. */
  function of_today_listed() {
    return Array.prototype.filter.call(choice.options, function (option) { return option.hasAttribute("data-today"); })
      .map(function (option) { return option.value; });
  }
  function kept() {
    var wanted = choice.value ? [choice.value] : of_today_listed();
    var all = { keys: [], tickets: [], people: 0 };
    wanted.forEach(function (departure) {
      var list = read("guests:" + departure, null);
      if (list) { all = { keys: list.keys, tickets: all.tickets.concat(list.tickets), people: all.people + list.people }; }
    });
    return all;
  }

  var loading = 0;
  function load() {
    loading += 1;
    var turn = loading;
    // One after the other: the list may be long, and the network slow. The keys come with each.
    var wanted = choice.value ? [choice.value] : [""].concat(of_today_listed());
    root.removeAttribute("data-loaded");
    wanted.reduce(function (before, departure) {
      return before.then(function () {
        if (turn !== loading) { return null; }
        return ask("/data?departure=" + encodeURIComponent(departure)).then(function (found) {
          if (departure) { write("guests:" + departure, found); }
          write("keys", found.keys);
        });
      });
    }, Promise.resolve()).then(function () {
      if (turn === loading) { root.setAttribute("data-loaded", "yes"); }
      show_counts();
    }, function () { show_counts(); });
  }

  // ---- the network ----------------------------------------------------------------------------
  var online = true;
  function ask(path, body) {
    return new Promise(function (resolve, reject) {
      var timer = setTimeout(function () { set_online(false); reject(new Error("slow")); }, 6000);
      fetch(url + path, body ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), credentials: "same-origin" } : { credentials: "same-origin" })
        .then(function (answer) {
          clearTimeout(timer);
          if (answer.status >= 500 || answer.status === 429) { set_online(false); throw new Error("away"); }
          set_online(true);
          if (answer.status === 401 || answer.status === 403) { var gone = new Error(words.SIGN_IN); gone.told = words.SIGN_IN; throw gone; }
          return answer.json().catch(function () { return {}; }).then(function (json) {
            if (!answer.ok) { var refused = new Error("refused"); refused.told = json.message || words.REFUSED; throw refused; }
            resolve(json);
          });
        })
        .catch(function (error) { clearTimeout(timer); if (!error.told) { set_online(false); } reject(error); });
    });
  }
  function set_online(now) {
    online = now;
    one("network").textContent = now ? words.ONLINE : words.OFFLINE;
    one("network").className = "tag " + (now ? "good" : "bad");
  }

  // ---- telling what was seen ------------------------------------------------------------------
  var telling = null;
  function tell() {
    if (telling) { return telling; }
    if (!queue.length) { return Promise.resolve({}); }
    // One request is about one departure.
    var departure = queue[0].departure;
    var part = queue.filter(function (scan) { return scan.departure === departure; }).slice(0, MOST_SENT);
    telling = ask("/scans", {
      departure: departure, device: device,
      scans: part.map(function (scan) { return { nonce: scan.nonce, code: scan.code, scannedAt: scan.scannedAt, undo: scan.undo }; })
    }).then(function (answer) {
      var told = {};
      answer.scans.forEach(function (scan) { told[scan.nonce] = scan; });
      queue = queue.filter(function (scan) { return !told[scan.nonce]; });
      write("queue", queue);
      log.forEach(function (entry) {
        var scan = told[entry.nonce];
        if (!scan) { return; }
        // What the phone said alone, and the market says otherwise, a person must know.
        entry.conflict = entry.pending && entry.admitted && !scan.admitted;
        entry.pending = false;
        entry.admitted = scan.admitted;
        entry.outcome = scan.outcome;
        entry.message = scan.message;
        if (scan.guest) { entry.guest = scan.guest; note_status(scan.guest); }
        if (scan.at) { entry.at = scan.at; }
      });
      write("log", log);
      telling = null;
      show_log();
      show_counts();
      return told;
    }).catch(function (error) {
      telling = null;
      show_counts();
      throw error;
    });
    return telling;
  }

  /** The list of guests on the phone follows what was told. */
  function note_status(guest) {
    var list = read("guests:" + guest.departure, null);
    if (!list) { return; }
    list.tickets.forEach(function (ticket) { if (ticket.id === guest.id) { ticket.status = guest.status; } });
    write("guests:" + guest.departure, list);
  }

  // ---- judging alone --------------------------------------------------------------------------
  var ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  var CONTEXT = "chonoi ticket\0";
  var SIGNED = 36;

  function bytes_of(text) {
    var digits = text.replace(/[\s-]/g, "").toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
    if (digits.length !== 160) { return null; }
    var bytes = new Uint8Array(100);
    var bits = 0, held = 0, at = 0;
    for (var index = 0; index < digits.length; index += 1) {
      var value = ALPHABET.indexOf(digits[index]);
      if (value < 0) { return null; }
      bits = (bits << 5) | value;
      held += 5;
      if (held >= 8) { held -= 8; bytes[at] = (bits >> held) & 255; at += 1; bits &= (1 << held) - 1; }
    }
    return bytes;
  }
  /** The text of an id (TypeID): its 128 bits in base 32, two zero bits in front. */
  function id_of(prefix, bytes) {
    var bits = "00";
    bytes.forEach(function (byte) { bits += ("0000000" + byte.toString(2)).slice(-8); });
    var text = "";
    for (var at = 0; at < 130; at += 5) { text += ALPHABET[parseInt(bits.slice(at, at + 5), 2)]; }
    return prefix + "_" + text.toLowerCase();
  }
  function from_hex(text) {
    return new Uint8Array((text.match(/../g) || []).map(function (pair) { return parseInt(pair, 16); }));
  }
  /** "yes", "no", or "unknown" where this phone cannot tell. */
  function genuine(bytes) {
    var id = ("0" + bytes[1].toString(16)).slice(-2);
    var keys = read("keys", []);
    if (bytes[0] !== 1) { return Promise.resolve("no"); }
    if (!keys.length) { return Promise.resolve("unknown"); }
    var key = keys.filter(function (known) { return known.keyId === id; })[0];
    if (!key) { return Promise.resolve("no"); }
    if (!crypto.subtle) { return Promise.resolve("unknown"); }
    var message = new Uint8Array(CONTEXT.length + SIGNED);
    for (var at = 0; at < CONTEXT.length; at += 1) { message[at] = CONTEXT.charCodeAt(at); }
    message.set(bytes.subarray(0, SIGNED), CONTEXT.length);
    return Promise.resolve().then(function () {
      return crypto.subtle.importKey("raw", from_hex(key.publicKey), { name: "Ed25519" }, false, ["verify"]);
    }).then(function (imported) {
      return crypto.subtle.verify({ name: "Ed25519" }, imported, bytes.subarray(SIGNED), message);
    }).then(function (fits) { return fits ? "yes" : "no"; }, function () { return "unknown"; });
  }
  function on_board(id) {
    for (var index = log.length - 1; index >= 0; index -= 1) {
      var entry = log[index];
      if (entry.guest && entry.guest.id === id && (entry.admitted || entry.outcome === "UNDONE")) { return entry.admitted ? entry : null; }
    }
    return null;
  }
  /** Vietnam is seven hours ahead of UTC, all year. */
  function day_number() { return Math.floor((Date.now() + 7 * 3600000) / 86400000); }
  function of_today(bytes) { return ((bytes[34] << 8) | bytes[35]) === day_number(); }
  function today() {
    var parts = new Date(Date.now() + 7 * 3600000).toISOString().slice(0, 10).split("-");
    return parts[2] + "/" + parts[1] + "/" + parts[0];
  }
  function alone(scan) {
    var list = kept();
    var bytes = bytes_of(scan.code);
    var id = bytes ? id_of("tkt", bytes.subarray(2, 18)) : scan.code.trim().toLowerCase();
    var guest = list.tickets.filter(function (ticket) { return ticket.id === id; })[0] || null;
    function judged(outcome, admitted, message) {
      return { outcome: outcome, admitted: admitted, message: message || words[outcome], guest: guest };
    }
    if (scan.undo) {
      return Promise.resolve(on_board(id) || (guest && guest.status === "REDEEMED") ? judged("UNDONE", false) : judged("NOTHING_TO_UNDO", false));
    }
    return (bytes ? genuine(bytes) : Promise.resolve("unknown")).then(function (signed) {
      if (signed === "no") { return judged("FORGED", false); }
      if (!guest) {
        if (signed !== "yes") { return judged("UNKNOWN_TICKET", false); }
        var departure = id_of("dep", bytes.subarray(18, 34));
        if (choice.value && departure !== choice.value) { return judged("WRONG_DEPARTURE", false); }
        if (!of_today(bytes)) { return judged("NOT_TODAY", false); }
        guest = { id: id, name: "", label: "", departure: departure };
        return on_board(id) ? judged("ALREADY_ADMITTED", false) : judged("ADMITTED", true, words.PROVISIONAL);
      }
      // A ticket that was moved has another code: the old one is refused.
      if (bytes && id_of("dep", bytes.subarray(18, 34)) !== guest.departure) { return judged("WRONG_DEPARTURE", false); }
      if (bytes ? !of_today(bytes) : guest.when && guest.when.slice(0, 10) !== today()) { return judged("NOT_TODAY", false); }
      if (guest.status === "REDEEMED" && !undone(id) || on_board(id)) { return judged("ALREADY_ADMITTED", false); }
      return judged("ADMITTED", true, words.ADMITTED + (signed === "yes" ? "" : " " + words.UNCHECKED));
    });
  }
  function undone(id) {
    for (var index = log.length - 1; index >= 0; index -= 1) {
      if (log[index].guest && log[index].guest.id === id) { return log[index].outcome === "UNDONE"; }
    }
    return false;
  }

  // ---- a code comes ---------------------------------------------------------------------------
  var last = { code: "", at: 0 };
  var busy = false;
  var shown = null;

  function seen(code, undo) {
    code = code.trim();
    var now = Date.now();
    if (!code || busy || (!undo && code === last.code && now - last.at < 4000)) { return; }
    last = { code: code, at: now };
    busy = true;
    var scan = { nonce: random(), code: code, scannedAt: new Date(now).toISOString(), undo: !!undo, departure: choice.value };
    // Written down before anything else: whatever happens to the page, it is told.
    queue.push(scan);
    write("queue", queue);
    var entry = { nonce: scan.nonce, code: code, at: time(now), pending: true, admitted: false, outcome: "", message: words.READING, guest: null, undo: !!undo };
    var judging = alone(scan);
    var asking = online && navigator.onLine !== false ? tell_this(scan.nonce) : Promise.reject(new Error("away"));
    Promise.all([judging, asking.then(null, function (error) { return { error: error }; })]).then(function (both) {
      var told = both[1] && !both[1].error ? both[1] : null;
      var found = told || both[0];
      entry.outcome = found.outcome;
      entry.admitted = found.admitted;
      entry.message = found.message;
      // Who shows what is not genuine does not learn whose ticket it would be.
      entry.guest = found.outcome === "FORGED" ? null : found.guest || both[0].guest;
      entry.pending = !told;
      if (told && told.at) { entry.at = told.at; }
      if (told && told.guest) { note_status(told.guest); }
      if (!told && both[1] && both[1].error && both[1].error.told) { entry.note = both[1].error.told; }
    }).catch(function () {
      entry.outcome = "UNKNOWN_TICKET";
      entry.message = words.UNKNOWN_TICKET;
    }).then(function () {
      log.push(entry);
      log = log.slice(-MOST_LOGGED);
      write("log", log);
      busy = false;
      show(entry);
      show_log();
      show_counts();
    });
  }
  /** Tells until this scan is told; earlier ones may stand before it. */
  function tell_this(nonce) {
    return tell().then(function (told) {
      if (told[nonce]) { return told[nonce]; }
      var waits = queue.some(function (scan) { return scan.nonce === nonce; });
      return waits ? tell_this(nonce) : Promise.reject(new Error("gone"));
    });
  }
  function time(now) { return new Date(now).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", hour12: false }); }

  // ---- what people see ------------------------------------------------------------------------
  function line_of(entry) {
    var guest = entry.guest;
    return guest && guest.order ? [guest.name, guest.label, guest.order + " · " + guest.number].filter(Boolean).join(" — ") : "";
  }
  function show(entry) {
    shown = entry;
    verdict.className = "verdict " + (entry.admitted ? "yes" : entry.outcome === "UNDONE" ? "undone" : "no");
    verdict.setAttribute("data-outcome", entry.outcome);
    verdict.setAttribute("data-pending", entry.pending ? "yes" : "no");
    verdict.textContent = "";
    var big = document.createElement("b");
    big.textContent = (entry.admitted ? "✓ " : entry.outcome === "UNDONE" ? "↩ " : "✕ ") + entry.message;
    verdict.appendChild(big);
    [line_of(entry), entry.outcome === "ALREADY_ADMITTED" ? entry.at : "", entry.pending ? words.PENDING : "", entry.note || ""].forEach(function (text) {
      if (!text) { return; }
      var small = document.createElement("span");
      small.textContent = text;
      verdict.appendChild(small);
    });
    one("undo-row").classList.toggle("hidden", !entry.admitted);
    if (navigator.vibrate) { navigator.vibrate(entry.admitted ? 80 : [120, 80, 120]); }
  }
  function show_log() {
    var list = one("log");
    list.textContent = "";
    log.slice(-30).reverse().forEach(function (entry) {
      var item = document.createElement("li");
      item.className = entry.conflict ? "conflict" : "";
      var text = document.createElement("span");
      text.textContent = entry.at + " " + (entry.admitted ? "✓ " : entry.outcome === "UNDONE" ? "↩ " : "✕ ") + entry.message + " " + line_of(entry);
      item.appendChild(text);
      if (entry.pending || entry.conflict) {
        var mark = document.createElement("b");
        mark.className = "tag " + (entry.conflict ? "bad" : "");
        mark.textContent = entry.conflict ? words.CONFLICT : words.PENDING;
        item.appendChild(mark);
      }
      list.appendChild(item);
    });
  }
  function show_counts() {
    var list = kept();
    var aboard = list.tickets.filter(function (ticket) {
      return on_board(ticket.id) || ticket.status === "REDEEMED" && !undone(ticket.id);
    }).length;
    one("count").textContent = choice.value ? words.ON_BOARD + " " + aboard + " / " + list.tickets.length : "";
    one("pending").textContent = queue.length ? words.PENDING + ": " + queue.length : "";
    root.setAttribute("data-queued", String(queue.length));
  }

  // ---- reading codes --------------------------------------------------------------------------
  var decoder = null;
  function load_decoder() {
    if (window.jsQR) { return Promise.resolve(); }
    if (!decoder) {
      decoder = new Promise(function (resolve, reject) {
        var script = document.createElement("script");
        script.src = root.getAttribute("data-decoder");
        script.onload = resolve;
        script.onerror = function () { decoder = null; reject(new Error("no decoder")); };
        document.head.appendChild(script);
      });
    }
    return decoder;
  }
  var detector = null;
  if ("BarcodeDetector" in window) {
    try { detector = new window.BarcodeDetector({ formats: ["qr_code"] }); } catch (error) { detector = null; }
  }
  var canvas = document.createElement("canvas");
  function pixels(source, width, height, most) {
    var scale = Math.min(1, most / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    var context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }
  function decode(source, width, height, most) {
    function by_decoder() {
      return load_decoder().then(function () {
        var image = pixels(source, width, height, most);
        var jsqr = window.jsQR.default || window.jsQR;
        var found = jsqr(image.data, image.width, image.height, { inversionAttempts: "dontInvert" });
        return found ? found.data : "";
      });
    }
    if (!detector) { return by_decoder(); }
    return detector.detect(source).then(function (found) {
      return found.length ? found[0].rawValue : "";
    }, function () { detector = null; return by_decoder(); });
  }
  var stream = null;
  function look() {
    if (!stream) { return; }
    var video = one("video");
    var next = function () { setTimeout(look, detector ? 150 : 250); };
    if (busy || video.readyState < 2) { next(); return; }
    decode(video, video.videoWidth, video.videoHeight, 640).then(function (code) { if (code) { seen(code); } }, function () {}).then(next);
  }
  one("start").addEventListener("click", function () {
    if (stream) {
      stream.getTracks().forEach(function (track) { track.stop(); });
      stream = null;
      one("camera").classList.add("hidden");
      one("start").textContent = words.START;
      return;
    }
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) { say(words.NO_CAMERA); return; }
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false }).then(function (opened) {
      stream = opened;
      var video = one("video");
      video.srcObject = stream;
      one("camera").classList.remove("hidden");
      one("start").textContent = words.STOP;
      return video.play();
    }).then(look).catch(function () { say(words.NO_CAMERA); });
  });
  one("photo").addEventListener("change", function (event) {
    var file = event.target.files[0];
    event.target.value = "";
    if (!file) { return; }
    var reader = new FileReader();
    reader.onload = function () {
      var image = new Image();
      image.onload = function () {
        var detect = detector;
        // A picture is looked at by both: what one misses, the other may see.
        decode(image, image.naturalWidth, image.naturalHeight, 1200).then(function (code) {
          if (code || !detect) { return code; }
          detector = null;
          return decode(image, image.naturalWidth, image.naturalHeight, 1200).then(function (other) { detector = detect; return other; });
        }).then(function (code) { if (code) { last.code = ""; seen(code); } else { say(words.NO_CODE); } }, function () { say(words.NO_CODE); });
      };
      image.onerror = function () { say(words.NO_CODE); };
      image.src = reader.result;
    };
    reader.readAsDataURL(file);
  });
  one("typed").addEventListener("submit", function (event) {
    event.preventDefault();
    var field = one("typed").querySelector("input");
    last.code = "";
    seen(field.value);
    field.value = "";
  });
  one("undo").addEventListener("click", function () { if (shown) { seen(shown.code, true); } });
  function say(text) {
    verdict.className = "verdict no";
    verdict.removeAttribute("data-outcome");
    verdict.textContent = text;
  }

  choice.addEventListener("change", function () { load(); });
  window.addEventListener("online", function () { set_online(true); tell().catch(function () {}); });
  window.addEventListener("offline", function () { set_online(false); });
  setInterval(function () { if (queue.length) { tell().catch(function () {}); } else if (!online) { load(); } }, 12000);
  set_online(navigator.onLine !== false);
  load();
  show_log();
  show_counts();
  if (queue.length) { tell().catch(function () {}); }
})();
