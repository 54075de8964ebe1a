// Keeps tickets and the check-in page for places without network. Fresh from the network where
// there is one; what was kept where there is none. Everything is thrown away when somebody signs out or
// deletes their account.
"use strict";

var KEPT = "chonoi-pier-1";
var WAIT_MS = 5000;
var MOST_PAGES = 40;

function isPage(path) {
  return /^\/checkout\/[^/]+\/tickets$/.test(path) || /^\/my-shops\/[^/]+\/check-in$/.test(path);
}

self.addEventListener("install", function () { self.skipWaiting(); });

self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) { return name !== KEPT; }).map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }));
});

function keep(request, answer) {
  if (!answer.ok || answer.redirected) { return Promise.resolve(answer); }
  var copy = answer.clone();
  return caches.open(KEPT).then(function (cache) {
    return cache.put(request, copy).then(function () { return cache.keys(); }).then(function (keys) {
      // The oldest go first: the cache is in the order in which things were put in.
      return Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PAGES)).map(function (old) { return cache.delete(old); }));
    });
  }).then(function () { return answer; });
}

function fresh(request) {
  return new Promise(function (resolve, reject) {
    var timer = setTimeout(function () { reject(new Error("too slow")); }, WAIT_MS);
    fetch(request).then(function (answer) {
      clearTimeout(timer);
      resolve(answer);
    }, function (error) { clearTimeout(timer); reject(error); });
  });
}

self.addEventListener("fetch", function (event) {
  var request = event.request;
  var url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) { return; }
  if (request.mode === "navigate" && isPage(url.pathname)) {
    event.respondWith(fresh(request).then(function (answer) {
      return answer.status >= 500 ? Promise.reject(new Error("no answer")) : keep(request, answer);
    }).catch(function () {
      // What was kept was asked for by a script, with other headers than a visit has.
      return caches.match(request, { ignoreVary: true }).then(function (kept) {
        // The same page with another choice in its address is better than nothing.
        return kept || caches.match(request, { ignoreSearch: true, ignoreVary: true });
      }).then(function (kept) { return kept || Response.error(); });
    }));
  } else if (url.pathname.indexOf("/assets/") === 0) {
    event.respondWith(caches.match(request, { ignoreVary: true }).then(function (kept) { return kept || fetch(request); }));
  }
});

self.addEventListener("message", function (event) {
  var wanted = event.data || {};
  var path = String(wanted.keep || "");
  if (!isPage(path.split("?")[0])) { return; }
  var files = (wanted.files || []).filter(function (file) { return new URL(file, self.location).origin === self.location.origin; });
  event.waitUntil(Promise.all([path].concat(files).map(function (one) {
    return fetch(one, { credentials: "same-origin" }).then(function (answer) { return keep(one, answer); });
  })).then(function () {
    if (event.source) { event.source.postMessage({ kept: path }); }
  }).catch(function () { /* kept at the next visit */ }));
});
